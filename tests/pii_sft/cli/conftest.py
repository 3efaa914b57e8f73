"""Fixtures of the command's tests."""

from pathlib import Path
from typing import Any

import pytest

from pii_sft.detector import Detector
from serving.engines.rules import RulesEngine


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let the commands load the rule detector; returns the arguments of the last load."""
    loaded: dict[str, Any] = {}

    def load(model: Path | None = None, **options: Any) -> Detector:
        loaded.update(model=model, **options)
        return Detector(RulesEngine())

    monkeypatch.setattr(Detector, "load", load)
    return loaded
