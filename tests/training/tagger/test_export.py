"""From a run's folder to one that serving loads."""

import json
import shutil
from contextlib import chdir
from pathlib import Path

import onnx
import pytest

from pii_sft.cli import main
from schemas.checkpoint.tagger_manifest import EXPORT, MODEL_FILE, REST_FILE
from schemas.errors import FingerprintError, ModelError
from schemas.spans.entity import Entity
from schemas.spans.record import to_record
from schemas.tagger.lexicon import Lexicon
from schemas.tagger.word_kind import WordKind
from schemas.taxonomy import EntityType as T
from serving.engines.tagger.engine import Tagger
from tests.training.tagger.tiny import TEXTS, changed, data, examples
from training.tagger.dequantise import make_float
from training.tagger.export import export_tagger
from training.tagger.model import load_encoder
from training.tagger.train import Start, train_tagger


@pytest.fixture(scope="module")
def served(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("served")
    agreement = export_tagger(run, out, TEXTS)
    assert agreement.tokens.total() > 0
    assert agreement.least(1) == (T.PERSON_NAME, 1.0)
    assert agreement.rate >= 0.995
    assert (out / MODEL_FILE).stat().st_mode == (out / "model.bin").stat().st_mode
    return out


def test_trained_model_serves_what_it_was_taught(served: Path) -> None:
    for prediction, example in zip(Tagger(served).detect(TEXTS), examples()[:4], strict=True):
        assert prediction.entities == example.entities


def test_agreement_below_the_minimum_is_an_error(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"below 1\.1"):
        export_tagger(run, tmp_path, TEXTS, minimum=1.1)


def test_an_export_takes_the_place_of_another_tagger_and_of_nothing_else(
    run: Path, served: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "texts.jsonl", tmp_path / "out"
    file.write_text("".join(json.dumps(to_record(example)) + "\n" for example in examples()), encoding="utf-8")
    shutil.copytree(served, out)
    (out / "model.bin").write_bytes(b"")
    command = ["tagger", "export", str(run), str(out), "--examples", str(file)]
    assert main(command) == 0
    assert {path.name for path in out.iterdir()} == {path.name for path in served.iterdir()} | {"calibration.json"}
    for prediction, example in zip(Tagger(out).detect(TEXTS), examples()[:4], strict=True):
        assert prediction.entities == example.entities
    (out / "notes.txt").touch()
    assert main(command) == 2
    assert f"{out}: holds notes.txt, which would be lost" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "texts.jsonl"]


def test_model_of_another_contract_is_refused(served: Path, tmp_path: Path) -> None:
    manifest = json.loads((served / "tagger.json").read_text(encoding="utf-8"))
    (tmp_path / "tagger.json").write_text(json.dumps(manifest | {"fingerprint": "0" * 64}), encoding="utf-8")
    with pytest.raises(FingerprintError, match="another contract"):
        Tagger(tmp_path)


def test_export_needs_texts_and_weights(run: Path, tmp_path: Path) -> None:
    for texts in ([], ["", " ", TEXTS[0]]):
        with pytest.raises(ModelError, match="at least two texts"):
            export_tagger(run, tmp_path, texts)
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="not a loadable encoder"):
        export_tagger(tmp_path / "run", tmp_path / "out", TEXTS)


def test_a_batch_gives_exactly_what_single_texts_give(served: Path) -> None:
    tagger = Tagger(served)
    texts = [text * count for text in (*TEXTS, "x", "") for count in (1, 2, 7, 40)]
    singles = [prediction for text in texts for prediction in tagger.detect([text])]
    assert tagger.detect(texts) == singles
    assert tagger.detect(texts[::-1]) == singles[::-1]


@pytest.fixture(scope="module")
def early_served(early_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("early_served")
    export_tagger(early_run, out, TEXTS)
    return out


@pytest.mark.parametrize("sure", [0.0, 0.9, 1.1])
def test_the_rest_of_the_layers_reads_what_the_first_are_not_sure_of(
    early_served: Path, monkeypatch: pytest.MonkeyPatch, sure: float
) -> None:
    monkeypatch.setattr("serving.engines.tagger.encoder._SURE", sure)
    texts = [text * count for text in (*TEXTS, "x") for count in (1, 2, 7)]
    tagger = Tagger(early_served)
    singles = [prediction for text in texts for prediction in tagger.detect([text])]
    assert tagger.detect(texts) == singles
    assert [prediction.entities for prediction in singles[:-3:3]] == [example.entities for example in examples()[:4]]
    if sure == 0.0:
        assert singles == Tagger(early_served, early=True).detect(texts)
    else:
        assert singles != Tagger(early_served, early=True).detect(texts)


def test_half_a_tagger_is_refused(served: Path, early_served: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="it has no early head"):
        Tagger(served, early=True)
    shutil.copytree(early_served, tmp_path / "half")
    (tmp_path / "half" / REST_FILE).unlink()
    with pytest.raises(ModelError, match=r"rest\.onnx is missing"):
        Tagger(tmp_path / "half")
    with pytest.raises(ModelError, match=r"rest\.onnx and config\.json are not of one tagger"):
        make_float(tmp_path / "half", tmp_path / "base")


def test_the_rest_of_another_tagger_is_refused(served: Path, early_served: Path, tmp_path: Path) -> None:
    mixed = shutil.copytree(early_served, tmp_path / "mixed")
    other = onnx.load(early_served / REST_FILE)
    onnx.helper.set_model_props(other, {EXPORT: "of another"})
    with chdir(mixed):
        onnx.save_model(other, REST_FILE)
    with pytest.raises(ModelError, match=r"model\.onnx and rest\.onnx are not of one export"):
        Tagger(mixed)
    whole = shutil.copytree(served, tmp_path / "whole")
    shutil.copyfile(early_served / REST_FILE, whole / REST_FILE)
    with pytest.raises(ModelError, match=r"rest\.onnx is of another tagger: model\.onnx has no early head"):
        Tagger(whole)


def test_what_is_served_of_an_early_head_can_be_trained_on(early_served: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    make_float(early_served, base)
    assert load_encoder(base).config.early_layers == 1
    assert export_tagger_again(base, tmp_path) == [example.entities for example in examples()[:4]]
    assert (tmp_path / "out" / REST_FILE).exists()


def test_another_lexicon_is_refused(served: Path, tmp_path: Path) -> None:
    shutil.copytree(served, tmp_path, dirs_exist_ok=True)
    Lexicon.of({"李四": WordKind.PERSON}).write(tmp_path)
    with pytest.raises(ModelError, match="not the one that the tagger was trained with"):
        Tagger(tmp_path)


def test_what_is_served_can_be_trained_on(served: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    make_float(served, base)
    assert export_tagger_again(base, tmp_path) == [example.entities for example in examples()[:4]]


def export_tagger_again(base: Path, folder: Path) -> list[tuple[Entity, ...]]:
    """What a tagger finds that was trained on from `base` at a rate that changes nothing."""
    train_tagger(Start(base), data(), folder / "run", changed(steps=1, learning_rate=1e-9, warmup_steps=0))
    (folder / "out").mkdir()
    export_tagger(folder / "run", folder / "out", TEXTS)
    return [prediction.entities for prediction in Tagger(folder / "out").detect(TEXTS)]
