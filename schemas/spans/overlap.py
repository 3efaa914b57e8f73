"""Detections that meet: which of them stay, and which spans of one detector meet those of another."""

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection
from schemas.taxonomy import ALL_TYPES

_RANK = {kind: rank for rank, kind in enumerate(ALL_TYPES)}


def longest(found: Iterable[Detection]) -> list[Detection]:
    """The longest detections, then those of higher score, then in the taxonomy's order; sorted by position."""
    starts: list[int] = []
    kept: list[Detection] = []
    for detection in sorted(found, key=_precedence):
        entity = detection.entity
        place = bisect(starts, entity.start)
        if place and kept[place - 1].entity.end > entity.start:
            continue
        if place < len(kept) and starts[place] < entity.end:
            continue
        starts.insert(place, entity.start)
        kept.insert(place, detection)
    return kept


def meetings(ones: Sequence[Detection], others: Sequence[Detection]) -> Iterator[tuple[Detection, list[Detection]]]:
    """Each of `others` with those of `ones` that it overlaps; both are sorted and without overlap."""
    first = 0
    for other in others:
        while first < len(ones) and ones[first].entity.end <= other.entity.start:
            first += 1
        last = first
        while last < len(ones) and ones[last].entity.start < other.entity.end:
            last += 1
        yield other, list(ones[first:last])


def encloses(outer: Entity, inner: Entity) -> bool:
    """Whether `inner` lies in `outer`, which is longer."""
    inside = outer.start <= inner.start and inner.end <= outer.end
    return inside and (outer.start, outer.end) != (inner.start, inner.end)


def _precedence(detection: Detection) -> tuple[int, float, int, int]:
    entity = detection.entity
    return entity.start - entity.end, -detection.score, _RANK[entity.type], entity.start
