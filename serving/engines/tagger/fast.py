"""The embedded engine of half the layers: twice as fast, and less exact."""

from __future__ import annotations

from pathlib import Path

from schemas.engine import LoadedEngine
from serving.engines.tagger.config import EmbeddedConfig as Config
from serving.engines.tagger.config import load_folder

__all__ = ["Config", "load"]
FAST = Path(__file__).parent / "weights_fast"
"""Folder of the model."""


def load(config: Config) -> LoadedEngine:
    """The tagger, with the rules beside it unless they are switched off."""
    return load_folder("tagger-fast", FAST, config)
