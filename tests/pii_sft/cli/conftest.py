"""Fixtures of the command's tests."""

import pytest

from pii_sft.registry import EngineSpec
from schemas.engine import LoadedEngine
from serving.engines.rules.engine import RulesEngine


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> list[EngineSpec]:
    """Let the commands load the rules in place of any engine; returns the specs that were loaded."""
    specs: list[EngineSpec] = []

    def load(spec: EngineSpec) -> LoadedEngine:
        specs.append(spec)
        return LoadedEngine(RulesEngine(), "rules", code=())

    monkeypatch.setattr(EngineSpec, "load", load)
    return specs
