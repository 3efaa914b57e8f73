"""What importing brings in: never torch in the embedded engine, and all public names."""

import subprocess
import sys

import pytest

import pii_sft


def modules_after(code: str) -> set[str]:
    code += "\nimport sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_embedded_engine_never_loads_torch() -> None:
    loaded = modules_after("from pii_sft import Detector; Detector.load().detect('我叫张三')")
    assert "onnxruntime" in loaded
    assert not loaded & {"torch", "transformers", "faker", "fastapi"}


def test_public_names_resolve() -> None:
    assert all(getattr(pii_sft, name) for name in pii_sft.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = pii_sft.nothing
