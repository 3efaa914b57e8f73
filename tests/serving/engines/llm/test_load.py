"""Which model is loaded, and under which runtime."""

from pathlib import Path

import pytest

from schemas.checkpoint.adapter import AdapterManifest
from schemas.checkpoint.base import TINY, Base
from schemas.checkpoint.tiny import write_tiny_base
from schemas.errors import ModelError
from serving.engines.llm.load import load_llm, open_llm


def test_other_types_than_its_own_are_refused() -> None:
    with pytest.raises(ModelError, match="for onnx use bits"):
        load_llm(TINY, runtime="onnx", dtype="float32")


def test_too_little_memory_is_said_before_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.checkpoint.footprint.weight_bytes", lambda opened: 1e15)
    with pytest.raises(ModelError, match=r"need 1000000\.0 GB, [0-9.]+ GB are available on cpu"):
        load_llm(TINY)


def test_a_model_or_an_adapter_is_needed() -> None:
    with pytest.raises(ModelError, match="needs a model, an adapter, or both"):
        load_llm(None)


def test_an_adapter_names_its_base_and_type(tmp_path: Path) -> None:
    AdapterManifest(Base(TINY, dtype="float16"), adapter=True).write(tmp_path)
    for model in (None, TINY):
        opened, lora = open_llm(model, tmp_path)
        assert (opened.base, lora) == (Base(TINY, dtype="float16"), tmp_path)
    opened, _ = open_llm(None, tmp_path, dtype="float32", quantization="nf4")
    assert opened.base == Base(TINY, dtype="float32", quantization="nf4")


def test_a_local_base_is_found_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tiny_base(tmp_path / "base")
    monkeypatch.chdir(tmp_path)
    AdapterManifest(Base("base"), adapter=True).write(tmp_path)
    monkeypatch.chdir("/")
    assert open_llm(None, tmp_path)[0].base.model == str(tmp_path / "base")


def test_a_base_that_has_gone_is_named_with_what_to_do(tmp_path: Path) -> None:
    AdapterManifest(Base(str(tmp_path / "gone")), adapter=True).write(tmp_path)
    with pytest.raises(ModelError, match=r"gone: neither .* was trained on this base; if the base lies elsewhere"):
        open_llm(None, tmp_path)
    with pytest.raises(ModelError) as error:
        open_llm(str(tmp_path / "gone"), tmp_path)
    assert "elsewhere" not in str(error.value)


def test_a_whole_model_stands_where_an_adapter_could(tmp_path: Path) -> None:
    write_tiny_base(tmp_path)
    AdapterManifest(Base("no/base", dtype="float16"), adapter=False).write(tmp_path)
    for model, adapter in ((None, tmp_path), (str(tmp_path), None)):
        opened, lora = open_llm(model, adapter)
        assert (opened.base, lora) == (Base(str(tmp_path), dtype="float16"), None)
