"""Puts stand-ins for the entities of a text, and puts the values back."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from schemas.per_type import PerType
from schemas.spans.entity import Entity
from schemas.spans.overlap import united
from schemas.taxonomy import ALL_TYPES, EntityType
from serving.redaction.operators import Operator
from serving.redaction.replacement_map import ReplacementMap

_LITERAL = EntityType.USERNAME
"""Type of a part of the text that reads like a stand-in where no entity was found."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """A stand-in in a redacted text, at `[start, end)` in code points, for a value of `type`."""

    start: int
    end: int
    type: EntityType


@dataclass(frozen=True, slots=True)
class Redacted:
    """A redacted text, and where its stand-ins are, in reading order."""

    text: str = field(repr=False)
    stand_ins: tuple[StandIn, ...]


def redact(
    text: str,
    entities: Iterable[Entity],
    operator: Operator | PerType[Operator],
    replacement_map: ReplacementMap | None = None,
) -> Redacted:
    """Replace `entities`, which are sorted and disjoint, by stand-ins of `operator`, or of that of their type.

    With a `replacement_map` equal values get the stand-in that they have in it, new ones are added, and `restore` gives
    exactly `text` back: a part of the text that reads like a stand-in, or would together with one, gets a stand-in of
    its own. Stand-ins of operators that are not unique are no part of it, and stay when the text is restored.
    """
    entities = list(entities)
    operators = operator if isinstance(operator, PerType) else PerType(operator)
    while True:
        redacted, spans = _replace(text, entities, operators, replacement_map)
        strays = [] if replacement_map is None else sorted(_strays(replacement_map, redacted, spans))
        if not strays:
            stand_ins = (StandIn(*span, entity.type) for span, entity in zip(spans, entities, strict=True))
            return Redacted(redacted, tuple(stand_ins))
        literals = _originals(strays, spans, entities)
        entities = united([*entities, *(replace(one, type=_reversible(one.type, operators)) for one in literals)])


Span = tuple[int, int]


def _replace(
    text: str, entities: Sequence[Entity], operators: PerType[Operator], replacement_map: ReplacementMap | None
) -> tuple[str, list[Span]]:
    """The redacted text, and the span of each stand-in in it."""
    parts: list[str] = []
    spans: list[Span] = []
    end = length = 0
    for entity in entities:
        value, operator = text[entity.start : entity.end], operators[entity.type]
        if replacement_map is None or not operator.unique:
            stand_in = operator.stand_in(entity.type, value, 0)
        else:
            stand_in = replacement_map.assign(entity.type, value, operator)
        parts += [text[end : entity.start], stand_in]
        length += entity.start - end
        spans.append((length, length + len(stand_in)))
        length += len(stand_in)
        end = entity.end
    return "".join([*parts, text[end:]]), spans


def _reversible(kind: EntityType, operators: PerType[Operator]) -> EntityType:
    """`kind`, or another type where the operator of `kind` has no way back."""
    return next(other for other in (kind, *operators.own, *ALL_TYPES) if operators[other].unique)


def _strays(replacement_map: ReplacementMap, redacted: str, spans: Sequence[Span]) -> Iterator[Span]:
    """What reads like a stand-in outside `spans` or across their borders; a mask may hold one and stays a mask."""
    starts = [start for start, _ in spans]
    for start, end in replacement_map.find(redacted):
        index = bisect_right(starts, start) - 1
        if index < 0 or end > spans[index][1]:
            yield start, end


def _originals(strays: Sequence[Span], spans: Sequence[Span], entities: Sequence[Entity]) -> Iterator[Entity]:
    """Which parts of the text the spans `strays` of the redacted text come from; stand-ins count as a whole."""
    starts = [start for start, _ in spans]
    for start, end in strays:
        first, last = (bisect_right(starts, position) - 1 for position in (start, end - 1))
        original_start = _original(start, spans, entities, first)[0]
        original_end = _original(end - 1, spans, entities, last)[1]
        yield Entity(original_start, original_end, entities[max(first, 0)].type if entities else _LITERAL)


def _original(position: int, spans: Sequence[Span], entities: Sequence[Entity], before: int) -> Span:
    """Where the character at `position` of the redacted text comes from.

    `before` is the number of the last stand-in that begins at or before it, or -1.
    """
    if before < 0:
        return position, position + 1
    (start, end), entity = spans[before], entities[before]
    if start <= position < end:
        return entity.start, entity.end
    return position + entity.end - end, position + 1 + entity.end - end


def restore(text: str, replacement_map: ReplacementMap) -> str:
    """`text` with the values of `replacement_map` in the place of their stand-ins, wherever these stand."""
    parts: list[str] = []
    end = 0
    for start, stop in replacement_map.find(text):
        parts += [text[end:start], replacement_map.value(text[start:stop])]
        end = stop
    return "".join([*parts, text[end:]])
