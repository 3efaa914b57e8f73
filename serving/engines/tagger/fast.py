"""The embedded engine with its first layers alone: faster, and less exact."""

from __future__ import annotations

from schemas.engine import LoadedEngine
from serving.engines.tagger.config import Config, load_tagger

__all__ = ["Config", "load"]


def load(config: Config) -> LoadedEngine:
    """The first layers of the tagger, as `load_tagger` has it."""
    return load_tagger("tagger-fast", config, early=True)
