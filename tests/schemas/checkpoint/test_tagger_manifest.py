import json
from pathlib import Path
from typing import Any

import pytest

from schemas.checkpoint.tagger_manifest import TaggerManifest, WindowConfig
from schemas.errors import FingerprintError, ModelError

WINDOW = WindowConfig(size=254, overlap=64, bos=0, eos=2, pad=1)
SHAPE = {"size": 254, "overlap": 64, "bos": 0, "eos": 2, "pad": 1}


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    manifest = TaggerManifest(WINDOW, "digest", {"epochs": 3.0})
    manifest.write(tmp_path)
    assert TaggerManifest.read(tmp_path) == manifest
    assert json.loads((tmp_path / "tagger.json").read_text(encoding="utf-8"))["shape"] == SHAPE


def test_a_manifest_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    TaggerManifest(WINDOW, "digest", {"epochs": 3.0}).write(tmp_path)
    with pytest.raises(TypeError):
        TaggerManifest(WINDOW, "digest", {"epochs": object()}).write(tmp_path)
    assert TaggerManifest.read(tmp_path).recipe == {"epochs": 3.0}
    assert [path.name for path in tmp_path.iterdir()] == ["tagger.json"]


def test_a_tagger_of_another_contract_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tagger.json").write_text('{"fingerprint": "0"}', encoding="utf-8")
    with pytest.raises(FingerprintError, match="another contract"):
        TaggerManifest.read(tmp_path)


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (None, "shape needs size, overlap, bos, eos, pad"),
        ({"size": 254}, "shape needs size, overlap, bos, eos, pad"),
        ({**SHAPE, "other": 1}, "shape needs size, overlap, bos, eos, pad"),
        ({**SHAPE, "pad": "1"}, "shape holds something else than whole numbers"),
        ({**SHAPE, "pad": True}, "shape holds something else than whole numbers"),
    ],
)
def test_a_shape_that_is_none_is_refused(tmp_path: Path, shape: Any, reason: str) -> None:
    TaggerManifest(WINDOW, "digest", {}).write(tmp_path)
    path = tmp_path / "tagger.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "shape": shape}), encoding="utf-8")
    with pytest.raises(ModelError, match=rf"tagger\.json: no readable tagger manifest \({reason}\)"):
        TaggerManifest.read(tmp_path)


@pytest.mark.parametrize(("content", "reason"), [("[]", "not an object"), ("{", "not JSON"), (None, "No such file")])
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, content: str | None, reason: str) -> None:
    if content is not None:
        (tmp_path / "tagger.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=rf"tagger\.json: no readable tagger manifest \({reason}"):
        TaggerManifest.read(tmp_path)
