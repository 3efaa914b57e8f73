"""From a run's folder to one that serving loads."""

import json
import shutil
from pathlib import Path

import pytest

from schemas.errors import FingerprintError, ModelError
from serving.engines.tagger.engine import Tagger
from tests.training.tagger.tiny import TEXTS, examples
from training.tagger.export import export_tagger


@pytest.fixture(scope="module")
def served(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("served")
    agreement = export_tagger(run, out, TEXTS)
    assert agreement.tokens > 0
    assert agreement.rate >= 0.995
    return out


def test_trained_model_serves_what_it_was_taught(served: Path) -> None:
    for prediction, example in zip(Tagger(served).detect(TEXTS), examples()[:4], strict=True):
        assert prediction.entities == example.entities


def test_agreement_below_the_minimum_writes_nothing(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"below 1\.1"):
        export_tagger(run, tmp_path / "out", TEXTS, minimum=1.1)
    assert not (tmp_path / "out").exists()


def test_model_of_another_contract_is_refused(served: Path, tmp_path: Path) -> None:
    manifest = json.loads((served / "tagger.json").read_text(encoding="utf-8"))
    (tmp_path / "tagger.json").write_text(json.dumps(manifest | {"fingerprint": "0" * 64}), encoding="utf-8")
    with pytest.raises(FingerprintError, match="another contract"):
        Tagger(tmp_path)


def test_export_needs_texts_and_weights(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="at least two texts"):
        export_tagger(run, tmp_path / "out", [])
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="not a loadable encoder"):
        export_tagger(tmp_path / "run", tmp_path / "out", TEXTS)
