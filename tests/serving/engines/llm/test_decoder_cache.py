from pathlib import Path

import pytest

from schemas.checkpoint.base import TINY
from schemas.errors import ModelError
from serving.engines.llm.load import load_llm


def test_a_decoder_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PII_SFT_CACHE", str(tmp_path))
    load_llm(TINY, runtime="onnx").detect(["好"])
    (folder,) = tmp_path.glob("decoder-*")
    monkeypatch.setattr("serving.engines.llm.decoder_cache.load_with_adapter", None)
    assert "8-bit" in load_llm(TINY, runtime="onnx", threads=1).backend.description
    (folder / "decoder.bin").unlink()
    with pytest.raises(ModelError, match="no readable decoder"):
        load_llm(TINY, runtime="onnx")
