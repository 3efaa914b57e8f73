"""How the routes of the service call the detector: what one request looks for, and the function that answers it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import HTTPException

from schemas.engine import Engine
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType, parse_types
from serving.engines.custom_rules import CustomRules
from serving.service.batching import Batcher
from serving.service.metrics import Metrics
from serving.service.settings import Settings

OperatingPoint = Literal["recall", "balanced", "precision"]
"""What counts more, as docs/service.md has it: that nothing is missed, or that nothing is marked wrongly."""
RECALL = 2.0
"""Log-odds in favour of an entity at the point "recall"."""
PRECISION = 0.8
"""Least score at the point "precision": F0.5 is highest there."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a request looks for; `types` None are those on by default."""

    types: Sequence[EntityType] | None = None
    min_score: float = 0.0
    point: OperatingPoint = "balanced"
    own: CustomRules = CustomRules()  # noqa: RUF009 - frozen


Detect = Callable[[Sequence[str], Search], list[Prediction]]
"""Predictions of texts, in order; raises what the service answers with when it refuses."""


class DetectionService:
    """The detector that all routes share: batched, limited and counted; its instances are of the kind `Detect`."""

    def __init__(self, detector: Engine, settings: Settings) -> None:
        self._settings, self.metrics = settings, Metrics()
        usual, wide = self._batcher(detector), self._batcher(detector.with_bias(RECALL))
        self._batchers: Mapping[OperatingPoint, Batcher] = {"recall": wide, "balanced": usual, "precision": usual}

    def _batcher(self, detector: Engine) -> Batcher:
        chosen = self._settings
        waiting = self.metrics.waiting.inc
        return Batcher(detector, chosen.batch_characters, chosen.in_flight, chosen.deadline, waiting)

    def __call__(self, texts: Sequence[str], search: Search) -> list[Prediction]:
        """As `Detect` has it; HTTPException 413 for more characters than the settings allow."""
        if sum(map(len, texts)) > self._settings.max_characters:
            raise HTTPException(413, f"more than {self._settings.max_characters} characters")
        found = self._batchers[search.point].detect(texts, None if search.types is None else parse_types(search.types))
        least = max(search.min_score, PRECISION if search.point == "precision" else 0.0)
        kept = search.own.apply([prediction.at_least(least) for prediction in found])
        self.metrics.count(kept)
        return kept

    def close(self) -> None:
        """Answer what waits; later calls raise Overloaded."""
        for batcher in set(self._batchers.values()):
            batcher.close()
