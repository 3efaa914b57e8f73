"""Spans that overlap: the one policy for which of them stay.

1. Of the detections of one engine the longest stay, of equal length those of higher score, then in the taxonomy's
   order, then the first (`longest`). This holds too for what an engine found in neighbouring segments of a text.
2. Between model and rules see `serving.engines.hybrid`: a span that encloses another was found with more context.
3. What a caller wants marked stands, unless a detection encloses it, and is cut out of the detections that it overlaps
   otherwise (`give_way`).
4. Spans that are to be redacted lose nothing: those that overlap become one (`united`).
"""

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection
from schemas.taxonomy import ALL_TYPES

_RANK = {kind: rank for rank, kind in enumerate(ALL_TYPES)}


def longest(detections: Iterable[Detection]) -> list[Detection]:
    """The longest detections, then those of higher score, then in the taxonomy's order; sorted by position."""
    return disjoint(sorted(detections, key=_precedence))


def _precedence(detection: Detection) -> tuple[int, float, int, int]:
    entity = detection.entity
    return entity.start - entity.end, -detection.score, _RANK.get(entity.type, len(_RANK)), entity.start


def disjoint(detections: Iterable[Detection]) -> list[Detection]:
    """Each of `detections` that overlaps none kept before it; sorted by position."""
    starts: list[int] = []
    kept: list[Detection] = []
    for detection in detections:
        entity = detection.entity
        index = bisect(starts, entity.start)
        if index and kept[index - 1].entity.end > entity.start:
            continue
        if index < len(kept) and starts[index] < entity.end:
            continue
        starts.insert(index, entity.start)
        kept.insert(index, detection)
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


def give_way(detections: Sequence[Detection], wanted: Sequence[Detection]) -> list[Detection]:
    """`wanted` without those that a detection encloses, and what these leave of `detections`; sorted by position.

    Both are sorted and without overlap.
    """
    kept = [
        detection
        for detection, overlapping in meetings(detections, wanted)
        if not any(encloses(other.entity, detection.entity) for other in overlapping)
    ]
    cut = (_cut(detection, overlapping) for detection, overlapping in meetings(kept, detections))
    return sorted([*kept, *filter(None, cut)], key=lambda detection: detection.entity)


def _cut(detection: Detection, wanted: Sequence[Detection]) -> Detection | None:
    """What `wanted`, none of which lie inside `detection`, leave of it; a part has no check."""
    start, end = detection.entity.start, detection.entity.end
    for other in wanted:
        if other.entity.start <= start:
            start = other.entity.end
        else:
            end = other.entity.start
    if start >= end:
        return None
    entity = Entity(start, end, detection.entity.type)
    return replace(detection, entity=entity, validated=None) if wanted else detection


def united(entities: Iterable[Entity]) -> list[Entity]:
    """`entities` in order, those that overlap as one, of the type of the first of them."""
    joined: list[Entity] = []
    for entity in sorted(entities):
        if joined and entity.start < joined[-1].end:
            last = joined.pop()
            entity = Entity(last.start, max(last.end, entity.end), last.type)
        joined.append(entity)
    return joined
