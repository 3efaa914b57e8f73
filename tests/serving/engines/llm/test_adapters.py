"""The adapters that come with the package."""

import re
from pathlib import Path

import pytest
from safetensors import safe_open

from pii_sft.registry import parse_spec
from schemas.checkpoint.adapter import AdapterManifest
from serving.engines.llm.adapters import find_adapter

SHIPPED = ("embedded-0.5b",)


@pytest.mark.parametrize("name", SHIPPED)
def test_they_fit_this_contract_and_name_a_base_of_the_hub(name: str) -> None:
    folder = find_adapter(Path(name))
    manifest = AdapterManifest.read(folder)  # raises for another contract
    assert manifest.adapter and manifest.base.model.count("/") == 1 and not Path(manifest.base.model).exists()
    assert manifest.base.revision and re.fullmatch("[0-9a-f]{40}", manifest.base.revision)
    file = folder / "adapter_model.safetensors"
    assert file.stat().st_size < 16 << 20
    with safe_open(file, "pt") as tensors:
        assert {tensors.get_tensor(key).dtype.itemsize for key in tensors.keys()} == {2}  # noqa: SIM118 - no mapping
        assert any(tensors.get_tensor(key).abs().max() > 0 for key in tensors.keys() if "lora_B" in key)  # noqa: SIM118


def test_a_name_stands_for_a_shipped_adapter_unless_something_of_that_name_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = find_adapter(Path(SHIPPED[0]))
    assert (shipped / "adapter_config.json").is_file()
    for spec in (f"llm:BASE+{SHIPPED[0]}", "llm:BASE"):
        config = parse_spec(spec).changed({"adapter": SHIPPED[0]} if "+" not in spec else {}).config
        assert config.model_and_adapter() == ("BASE", shipped)
    assert parse_spec(f"llm:{SHIPPED[0]}").config.model_and_adapter() == (None, shipped)
    for other in ("none", f"./{SHIPPED[0]}/x", ".."):
        assert find_adapter(Path(other)) == Path(other)
    (tmp_path / SHIPPED[0]).mkdir()
    assert find_adapter(Path(SHIPPED[0])) == Path(SHIPPED[0])
