"""Makes the spans of another tool into a prediction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from schemas.spans.entity import Entity
from schemas.spans.overlap import disjoint
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType

Found = tuple[int, int, str, float]
"""Start, end, the tool's own label, score."""


def as_prediction(
    text: str, found: Iterable[Found], labels: Mapping[str, EntityType], types: Sequence[EntityType]
) -> Prediction:
    """The prediction of what a tool found: labels by the table `labels`, others left out, only `types` kept.

    Of spans that overlap the one with the highest score stays, then the longest, then the first.
    """
    known = list(_known(found, labels, types))
    known.sort(key=lambda pair: (-pair[1], pair[0].start - pair[0].end, pair[0].start))
    return Prediction(text, tuple(disjoint(Detection(entity, score, "model") for entity, score in known)))


def _known(
    found: Iterable[Found], labels: Mapping[str, EntityType], types: Sequence[EntityType]
) -> Iterator[tuple[Entity, float]]:
    for start, end, label, score in found:
        kind = labels.get(label)
        if kind in types and kind is not None and start < end:
            yield Entity(start, end, kind), min(max(score, 0.0), 1.0)
