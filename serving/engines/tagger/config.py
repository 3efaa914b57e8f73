"""The embedded engine by its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from schemas.engine import LoadedEngine, installed
from schemas.options import option
from serving.engines.model_config import HybridConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(HybridConfig):
    """Which tagger, and how it runs."""

    model: Path | None = option(None, "folder of a tagger", shown="the embedded one")
    threads: int = option(2, "CPU threads", least=1)


def load(config: Config) -> LoadedEngine:
    """The tagger, as `load_tagger` has it."""
    return load_tagger("tagger", config)


def load_tagger(name: str, config: Config, early: bool = False) -> LoadedEngine:
    """The tagger of `config`, described by `name`, with the rules beside it unless they are switched off.

    With `early` its first layers answer alone. Raises ModelError for a folder that cannot be used, FingerprintError for
    a model of another contract.
    """
    from serving import engines
    from serving.engines.hybrid import complete
    from serving.engines.tagger.engine import EMBEDDED, Tagger

    folder = config.model or EMBEDDED
    engine = Tagger(folder, config.threads, early).with_bias(config.recall)
    return LoadedEngine(
        complete(engine, config),
        f"{name} on {config.threads} CPU threads",
        code=(engines,),
        versions=installed("onnxruntime", "tokenizers"),
        files=(folder,),
    )
