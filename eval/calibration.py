"""Whether scores are probabilities: the reliability curve and the expected calibration error (Guo et al. 2017)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.entity import Example
from schemas.prediction import Prediction
from schemas.taxonomy import EntityType


@dataclass(frozen=True, slots=True)
class Bin:
    """Detections whose scores are at least `low` and below `high` (the last bin holds 1.0 too).

    `right` of its `count` detections are strictly right; `score` is their mean score, 0.0 of an empty bin.
    """

    low: float
    high: float
    count: int
    score: float
    right: int

    @property
    def precision(self) -> float:
        """The share that is right; 0.0 of an empty bin."""
        return self.right / self.count if self.count else 0.0


def reliability(
    examples: Sequence[Example], predictions: Sequence[Prediction], types: Iterable[EntityType], bins: int = 10
) -> list[Bin]:
    """The detections of `types` in `bins` equal ranges of score; of each example only the types that it annotates."""
    wanted = set(types)
    scored: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for example, prediction in zip(examples, predictions, strict=True):
        true = set(example.entities)
        for found in prediction.detections:
            if found.entity.type in wanted.intersection(example.annotated):
                scored[min(int(found.score * bins), bins - 1)].append((found.score, found.entity in true))
    return [
        Bin(
            number / bins,
            (number + 1) / bins,
            len(pairs),
            sum(score for score, _ in pairs) / max(len(pairs), 1),
            sum(right for _, right in pairs),
        )
        for number, pairs in enumerate(scored)
    ]


def calibration_error(curve: Sequence[Bin]) -> float:
    """The mean distance of score and precision over all detections; 0.0 when there are none."""
    total = sum(part.count for part in curve)
    return sum(abs(part.score - part.precision) * part.count for part in curve) / total if total else 0.0
