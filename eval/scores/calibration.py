"""What scores are worth: the reliability curve and its error (Guo et al. 2017), precision and recall by threshold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from eval.scores.counts import Counts

Scored = tuple[float, bool]
"""The score of a detection, and whether the detection is strictly right."""

_BETAS = {"high recall": 2.0, "balanced": 1.0, "high precision": 0.5}
"""Operating points: at each the F-score that weighs recall `beta` times as much as precision is highest."""


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


def reliability(scored: Sequence[Scored], bins: int = 10) -> list[Bin]:
    """The detections in `bins` equal ranges of score."""
    parts: list[list[Scored]] = [[] for _ in range(bins)]
    for score, right in scored:
        parts[min(int(score * bins), bins - 1)].append((score, right))
    return [
        Bin(
            number / bins,
            (number + 1) / bins,
            len(pairs),
            sum(score for score, _ in pairs) / max(len(pairs), 1),
            sum(right for _, right in pairs),
        )
        for number, pairs in enumerate(parts)
    ]


def calibration_error(curve: Sequence[Bin]) -> float:
    """The mean distance of score and precision over all detections; 0.0 when there are none."""
    total = sum(part.count for part in curve)
    return sum(abs(part.score - part.precision) * part.count for part in curve) / total if total else 0.0


def threshold_curve(scored: Sequence[Scored], entities: int) -> list[tuple[float, Counts]]:
    """For every distinct score, highest first: the counts when only detections of at least that score are kept.

    `entities` is the number of true entities.
    """
    return list(_steps(sorted(scored, reverse=True), entities))


def _steps(scored: Sequence[Scored], entities: int) -> Iterator[tuple[float, Counts]]:
    kept = right = 0
    for score, pairs in groupby(scored, lambda pair: pair[0]):
        hits = [hit for _, hit in pairs]
        kept, right = kept + len(hits), right + sum(hits)
        yield score, Counts(right, kept - right, entities - right)


def operating_points(curve: Sequence[tuple[float, Counts]]) -> dict[str, tuple[float, Counts]]:
    """The thresholds for high recall, balance and high precision: where F2, F1 and F0.5 are highest (van Rijsbergen).

    Of equal ones the highest threshold; none when nothing was found.
    """
    return {name: max(curve, key=lambda step: _f_score(step[1], beta)) for name, beta in _BETAS.items() if curve}


def _f_score(counts: Counts, beta: float) -> float:
    weight = beta * beta
    total = (1 + weight) * counts.tp + weight * counts.fn + counts.fp
    return (1 + weight) * counts.tp / total if total else 1.0
