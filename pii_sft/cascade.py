"""The cascade by its options: two engines of the registry in a row."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from schemas.engine import LoadedEngine
from schemas.errors import ModelError
from schemas.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Which two engines, and what the second is asked about."""

    model: str = option("", "engine that is asked about what the first is unsure of, as in cascade:llm:BASE+ADAPTER")
    first: str = option("tagger", "engine that reads every text")
    ask_from: float = option(0.0, "least score of the first engine that is asked about; what is below goes", least=0)
    ask_below: float = option(0.9, "score of the first engine from which it is sure", least=0)


def load(config: Config) -> LoadedEngine:
    """Both engines. Raises ModelError for one that cannot be used, and for limits in the wrong order."""
    from pii_sft.registry import parse_spec
    from serving import engines
    from serving.engines.cascade import CascadeEngine

    if not config.model:
        raise ModelError("cascade: needs an engine to ask, as in cascade:llm:BASE+ADAPTER")
    if config.ask_from > min(config.ask_below, 1):
        raise ModelError("cascade: ask-from is above ask-below, or above 1, the highest score")
    specs = [parse_spec(re.sub(r"^\((.*)\)$", r"\1", name)) for name in (config.first, config.model)]
    if any(spec.name == "cascade" for spec in specs):
        raise ModelError("cascade: its engines cannot be cascades")
    first, second = (spec.load() for spec in specs)
    return LoadedEngine(
        CascadeEngine(first.engine, second.engine, config.ask_from, config.ask_below),
        f"{first.description}, then {second.description} for scores from {config.ask_from:g} to {config.ask_below:g}",
        code=(sys.modules[__name__], engines, *first.code, *second.code),
        files=(*first.files, *second.files),
        versions=(*first.versions, *second.versions),
        width=max(first.width, second.width),
    )
