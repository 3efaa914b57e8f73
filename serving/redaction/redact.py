"""Puts stand-ins for the entities of a text, and puts the values back."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from schemas.spans.entity import Entity
from schemas.spans.overlap import united
from schemas.taxonomy import EntityType
from serving.redaction.operators import Operator
from serving.redaction.replacement_map import ReplacementMap

_LITERAL = EntityType.USERNAME
"""Type of a part of the text that reads like a stand-in where nothing was found."""


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


def redact(text: str, entities: Iterable[Entity], style: Operator, book: ReplacementMap | None = None) -> Redacted:
    """Replace `entities`, which are sorted and disjoint, by stand-ins of `style`.

    With a `book`, which the style must be unique for, equal values get the stand-in that they have in it, new ones are
    added, and `restore` gives exactly `text` back: a part of the text that reads like a stand-in, or would together
    with one, gets a stand-in of its own.
    """
    spans = list(entities)
    while True:
        made, places = _replace(text, spans, style, book)
        strays = [] if book is None else sorted(set(book.find(made)) - set(places))
        if not strays:
            return Redacted(made, tuple(StandIn(*place, span.type) for place, span in zip(places, spans, strict=True)))
        spans = united([*spans, *_originals(strays, places, spans)])


Place = tuple[int, int]


def _replace(
    text: str, spans: Sequence[Entity], style: Operator, book: ReplacementMap | None
) -> tuple[str, list[Place]]:
    parts: list[str] = []
    places: list[Place] = []
    end = length = 0
    for span in spans:
        value = text[span.start : span.end]
        stand_in = book.assign(span.type, value, style) if book is not None else style.stand_in(span.type, value, 0)
        parts += [text[end : span.start], stand_in]
        length += span.start - end
        places.append((length, length + len(stand_in)))
        length += len(stand_in)
        end = span.end
    return "".join([*parts, text[end:]]), places


def _originals(strays: Sequence[Place], places: Sequence[Place], spans: Sequence[Entity]) -> Iterator[Entity]:
    """What parts of the text the places `strays` of the redacted text come from; stand-ins count as a whole."""
    starts = [start for start, _ in places]
    for start, end in strays:
        first, last = (bisect_right(starts, at) - 1 for at in (start, end - 1))
        low = _original(start, places, spans, first)[0]
        high = _original(end - 1, places, spans, last)[1]
        yield Entity(low, high, spans[max(first, 0)].type if spans else _LITERAL)


def _original(at: int, places: Sequence[Place], spans: Sequence[Entity], before: int) -> Place:
    """Where the character `at` of the redacted text comes from; `before` is the stand-in at or before it, or -1."""
    if before < 0:
        return at, at + 1
    (start, end), span = places[before], spans[before]
    if start <= at < end:
        return span.start, span.end
    return at + span.end - end, at + 1 + span.end - end


def restore(text: str, book: ReplacementMap) -> str:
    """`text` with the values of `book` in the place of their stand-ins, wherever these stand."""
    parts: list[str] = []
    end = 0
    for start, stop in book.find(text):
        parts += [text[end:start], book.value(text[start:stop])]
        end = stop
    return "".join([*parts, text[end:]])
