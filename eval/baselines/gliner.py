"""GLiNER, entity recognition with freely named labels (Zaratiana et al. 2024): https://github.com/urchade/GLiNER."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from eval.baselines import spans
from eval.baselines.spans import as_prediction
from schemas.engine import LoadedEngine, UnbiasedEngine
from schemas.errors import ModelError
from schemas.options import option
from schemas.spans.prediction import Prediction
from schemas.taxonomy import ALL_TYPES, DEFAULT_TYPES, EntityType


class _Model(Protocol):
    def predict_entities(self, text: str, labels: list[str], threshold: float) -> list[dict[str, Any]]: ...


_THRESHOLD = 0.5
"""Least score, GLiNER's own default."""


class GlinerEngine(UnbiasedEngine):
    """A GLiNER model that is asked for the types by their names in words ("phone number")."""

    def __init__(self, model: _Model) -> None:
        """Ask `model`, a `gliner.GLiNER`."""
        self._model = model

    @classmethod
    def load(cls, name: str) -> "GlinerEngine":
        """Load the model `name`: a folder or a hub id. Raises ModuleNotFoundError when gliner is not installed."""
        from gliner import GLiNER

        return cls(GLiNER.from_pretrained(name))

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `schemas.engine.Engine` has it."""
        wanted = DEFAULT_TYPES if types is None else types
        labels = {kind.replace("_", " ").lower(): kind for kind in ALL_TYPES if kind in wanted}
        return [self._detect(text, labels, wanted) for text in texts]

    def _detect(self, text: str, labels: dict[str, EntityType], types: Sequence[EntityType]) -> Prediction:
        items = self._model.predict_entities(text, list(labels), threshold=_THRESHOLD)
        found = [(item["start"], item["end"], item["label"], item["score"]) for item in items]
        return as_prediction(text, found, labels, types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Which GLiNER model."""

    model: str = option("", "folder or hub id of a GLiNER model")


def load(config: Config) -> LoadedEngine:
    """The engine of `config`. Raises ModelError where no model is named, ModuleNotFoundError without gliner."""
    if not config.model:
        raise ModelError("gliner: needs a model, as in gliner:MODEL")
    engine = GlinerEngine.load(config.model)
    code = (sys.modules[__name__], spans)
    files = (Path(config.model),)  # none where the model is on the hub
    return LoadedEngine(engine, f"GLiNER {config.model}", code, files, versions=(f"gliner {version('gliner')}",))
