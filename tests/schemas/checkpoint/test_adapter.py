"""The manifest of a trained LLM. What peft opens is tested with real adapters in tests/training/llm."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.checkpoint.adapter import AdapterManifest
from schemas.checkpoint.base import Base
from schemas.checkpoint.fingerprint import llm_fingerprint
from schemas.errors import FingerprintError, ModelError

MANIFEST = AdapterManifest(Base("some/base", "abc", "float16"), adapter=True, details={"rows": 8, "before": {}})


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    MANIFEST.write(tmp_path)
    assert AdapterManifest.read(tmp_path) == MANIFEST
    assert [path.name for path in tmp_path.iterdir()] == ["pii-sft.json"]
    fields = json.loads((tmp_path / "pii-sft.json").read_text(encoding="utf-8"))
    assert list(fields) == ["fingerprint", "base", "dtype", "adapter", "rows", "before"]
    assert fields["fingerprint"] == llm_fingerprint()
    assert fields["base"] == {"model": "some/base", "revision": "abc"}


def test_a_model_of_another_contract_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pii-sft.json").write_text(json.dumps({"fingerprint": "other"}), encoding="utf-8")
    with pytest.raises(FingerprintError, match="another contract"):
        AdapterManifest.read(tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"base": None}, "base names no model"),
        ({"base": {"revision": "abc"}}, "base names no model"),
        ({"dtype": "int8"}, "dtype is not one of bfloat16, float16, float32"),
        ({"adapter": "yes"}, "adapter is not true or false"),
    ],
)
def test_the_field_that_is_wrong_is_named(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    MANIFEST.write(tmp_path)
    path = tmp_path / "pii-sft.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    with pytest.raises(ModelError, match=rf"pii-sft\.json: no readable adapter manifest \({reason}\)"):
        AdapterManifest.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [("[]", "not an object with a fingerprint"), ("{}", "not an object with a fingerprint"), ("{", "not JSON")],
)
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "pii-sft.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=rf"pii-sft\.json: no readable adapter manifest \({reason}\)"):
        AdapterManifest.read(tmp_path)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"pii-sft\.json: no readable adapter manifest \(No such file"):
        AdapterManifest.read(tmp_path)


def test_the_base_of_an_adapter_from_elsewhere_is_what_peft_wrote(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = {"base_model_name_or_path": "owner/model", "revision": "abc", "r": 8}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    assert AdapterManifest.read(tmp_path) == AdapterManifest(Base("owner/model", "abc"), adapter=True)
    assert "another trainer made this adapter" in caplog.text


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"base_model_name_or_path": null}'])
def test_an_adapter_from_elsewhere_without_a_base_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "adapter_config.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"adapter_config\.json: names no base"):
        AdapterManifest.read(tmp_path)
