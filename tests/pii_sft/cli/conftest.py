"""Fixtures of the command's tests."""

import pytest

from pii_sft.cli import main
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


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rules: object) -> str:
    """A key of redactions, in the environment."""
    assert main(["key"]) == 0
    made = capsys.readouterr().out.strip()
    monkeypatch.setenv("PII_SFT_KEY", made)
    return made
