"""Puts stand-ins for the entities of a text, and puts the values back."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from schemas.per_type import PerType
from schemas.spans.entity import Entity
from schemas.spans.overlap import united
from schemas.taxonomy import ALL_TYPES, EntityType
from serving.redaction.forms import meant
from serving.redaction.linking import NameIndex
from serving.redaction.operators import Form, Operator
from serving.redaction.replacement_map import Occurrence, ReplacementMap

LITERAL = EntityType.USERNAME
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


@dataclass(frozen=True, slots=True)
class Restored:
    """A text with its values, and how many parts of it read like stand-ins but have no value."""

    text: str = field(repr=False)
    unrestored: int


Span = tuple[int, int]
StandInOf = Callable[[Entity], str]


def redact(
    text: str,
    entities: Iterable[Entity],
    operator: Operator | PerType[Operator],
    replacement_map: ReplacementMap | None = None,
    names: NameIndex | None = None,
    *,
    continues: bool = False,
) -> Redacted:
    """Replace `entities`, which are sorted and disjoint, by stand-ins of `operator`, or of that of their type.

    The spellings of a value and the parts of one of `names` (those of the text where left out) get stand-ins that fit.
    With a `replacement_map` values get the stand-ins that they have in it, new ones are added, and `restore` gives
    exactly `text` back; where it `continues` a conversation, stand-ins of the map that are in the text stay, and come
    back as their values. Stand-ins of operators that are not unique are no part of it, and stay when the text is
    restored.
    """
    entities = list(entities)
    operators: PerType[Operator] = operator if isinstance(operator, PerType) else PerType(operator)
    names = person_names([(text, entities)]) if names is None else names
    if replacement_map is not None:
        return _redact_reversibly(text, entities, operators, replacement_map, names, continues)
    redacted, spans = _replace(text, entities, lambda one: _one_way_stand_in(text, one, operators[one.type], names))
    return _redacted(redacted, spans, entities)


def person_names(texts: Iterable[tuple[str, Iterable[Entity]]]) -> NameIndex:
    """The names of persons among the entities of `texts`."""
    return NameIndex(
        text[entity.start : entity.end]
        for text, entities in texts
        for entity in entities
        if entity.type is EntityType.PERSON_NAME
    )


def _one_way_stand_in(text: str, entity: Entity, operator: Operator, names: NameIndex) -> str:
    value = meant(text[entity.start : entity.end])
    whole = names.whole(value) if entity.type is EntityType.PERSON_NAME else None
    if whole is None:
        return operator.stand_in(entity.type, value, 1)
    return operator.form(entity.type, value, Form(meant(whole), "", 1, 0))


def _redact_reversibly(
    text: str,
    entities: list[Entity],
    operators: PerType[Operator],
    replacement_map: ReplacementMap,
    names: NameIndex,
    continues: bool,
) -> Redacted:
    """Redact until only the stand-ins that were put read like stand-ins.

    A part of the text that reads like one, or would together with one, gets a stand-in of its own. A stand-in that
    would run into a word of the text stands in brackets. A mask may hold what reads like one, and stays a mask.
    """
    in_brackets: set[Entity] = set()
    replacement_map.know(entity.type for entity in entities if operators[entity.type].unique)

    def value(entity: Entity) -> str:
        return text[entity.start : entity.end]

    def stand_in(entity: Entity) -> str:
        operator = operators[entity.type]
        if not operator.unique:
            return _one_way_stand_in(text, entity, operator, names)
        return replacement_map.assign(entity.type, value(entity), operator, names, in_brackets=entity in in_brackets)

    while True:
        redacted, spans = _replace(text, entities, stand_in)
        found = {(part.start, part.end): part.value for part in replacement_map.find(redacted)}
        own = {span: entity for span, entity in zip(spans, entities, strict=True) if operators[entity.type].unique}
        values = {span for span, found_value in found.items() if found_value is not None}
        strays = sorted((values - own.keys()).difference(_in_masks(values, spans, own)))
        if continues:
            strays = [(start, end) for start, end in strays if any(start < last and first < end for first, last in own)]
        lost = [entity for span, entity in own.items() if found.get(span) != value(entity)]
        if not strays and not lost:
            return _redacted(redacted, spans, entities)
        if not continues:
            replacement_map.reserve(text)  # or one literal after the other would turn into a stand-in
        in_brackets.update(lost)
        literals = _originals(strays, spans, entities)
        entities = united([*entities, *(replace(one, type=_reversible(one.type, operators)) for one in literals)])


def _in_masks(parts: Iterable[Span], spans: Sequence[Span], reversible: Collection[Span]) -> Iterator[Span]:
    """Those of `parts` that lie in one of `spans`, which are in order, that is none of the `reversible` ones."""
    starts = [start for start, _ in spans]
    for start, end in parts:
        index = bisect_right(starts, start) - 1
        if index >= 0 and end <= spans[index][1] and spans[index] not in reversible:
            yield start, end


def _reversible(kind: EntityType, operators: PerType[Operator]) -> EntityType:
    """`kind`, or another type where the operator of `kind` has no way back."""
    types: Iterable[EntityType] = (kind, *operators.own, *ALL_TYPES)
    return next(other for other in types if operators[other].unique)


def _redacted(text: str, spans: Iterable[Span], entities: Iterable[Entity]) -> Redacted:
    return Redacted(text, tuple(StandIn(*span, entity.type) for span, entity in zip(spans, entities, strict=True)))


def _replace(text: str, entities: Iterable[Entity], stand_in_of: StandInOf) -> tuple[str, list[Span]]:
    """The redacted text, and the span of each stand-in in it."""
    parts: list[str] = []
    spans: list[Span] = []
    end = length = 0
    for entity in entities:
        stand_in = stand_in_of(entity)
        parts += [text[end : entity.start], stand_in]
        length += entity.start - end
        spans.append((length, length + len(stand_in)))
        length += len(stand_in)
        end = entity.end
    return "".join([*parts, text[end:]]), spans


def _originals(strays: Sequence[Span], spans: Sequence[Span], entities: Sequence[Entity]) -> Iterator[Entity]:
    """Which parts of the text the spans `strays` of the redacted text come from; stand-ins count as a whole."""
    starts = [start for start, _ in spans]
    for start, end in strays:
        first, last = (bisect_right(starts, position) - 1 for position in (start, end - 1))
        original_start = _original(start, spans, entities, first)[0]
        original_end = _original(end - 1, spans, entities, last)[1]
        yield Entity(original_start, original_end, entities[max(first, 0)].type if entities else LITERAL)


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


def restore(text: str, replacement_map: ReplacementMap) -> Restored:
    """`text` with the values of `replacement_map` in the place of their stand-ins, wherever these stand."""
    return restored(text, replacement_map.find(text))


def restored(text: str, occurrences: Iterable[Occurrence]) -> Restored:
    """`text` with the values of `occurrences`, which were found in it, in their places."""
    parts: list[str] = []
    end = unrestored = 0
    for found in occurrences:
        if found.value is None:
            unrestored += 1
            continue
        parts += [text[end : found.start], found.value]
        end = found.end
    return Restored("".join([*parts, text[end:]]), unrestored)
