"""The rules alone, as an engine by name."""

from dataclasses import dataclass

from schemas.engine import LoadedEngine


@dataclass(frozen=True, slots=True)
class Config:
    """The rules have no options."""


def load(config: Config) -> LoadedEngine:
    """The rules."""
    from serving import engines
    from serving.engines.escapes import EscapeReader
    from serving.engines.rules.engine import RulesEngine

    return LoadedEngine(EscapeReader(RulesEngine()), "rules on one CPU thread", code=(engines,))
