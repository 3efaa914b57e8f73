"""GLiNER, entity recognition with freely named labels (Zaratiana et al. 2024): https://github.com/urchade/GLiNER."""

from collections.abc import Sequence
from typing import Any, Protocol

from eval.baselines.spans import as_prediction
from schemas.engine import UnbiasedEngine
from schemas.spans.prediction import Prediction
from schemas.taxonomy import ALL_TYPES, DEFAULT_TYPES, EntityType


class _Model(Protocol):
    def predict_entities(self, text: str, labels: list[str], threshold: float) -> list[dict[str, Any]]: ...


class GlinerEngine(UnbiasedEngine):
    """A GLiNER model that is asked for the types by their names in words ("phone number")."""

    def __init__(self, model: _Model, threshold: float = 0.5) -> None:
        """Ask `model`, a `gliner.GLiNER`, for what it scores at least `threshold`."""
        self._model = model
        self._threshold = threshold

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
        items = self._model.predict_entities(text, list(labels), threshold=self._threshold)
        found = [(item["start"], item["end"], item["label"], item["score"]) for item in items]
        return as_prediction(text, found, labels, types)
