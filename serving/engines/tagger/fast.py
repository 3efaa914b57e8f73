"""The embedded engine with its first layers alone: faster, and less exact."""

from __future__ import annotations

from schemas.engine import LoadedEngine
from serving.engines.tagger.config import EmbeddedConfig as Config
from serving.engines.tagger.config import load_folder

__all__ = ["Config", "load"]


def load(config: Config) -> LoadedEngine:
    """The tagger, with the rules beside it unless they are switched off."""
    from serving.engines.tagger.engine import EMBEDDED

    return load_folder("tagger-fast", EMBEDDED, config, early=True)
