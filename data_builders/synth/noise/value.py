"""Noise within values: blanks in names and numbers, line breaks in long values; the value stays one entity."""

import random
from collections.abc import Sequence
from dataclasses import replace

from data_builders.synth.noise.carrier import is_han
from data_builders.synth.segment import Segment
from schemas.formats.draw import groups
from schemas.formats.registry import FORMATS
from schemas.taxonomy import EntityType as T


def spaces(segments: Sequence[Segment], rng: random.Random) -> list[Segment]:
    """Blanks between the characters of names of two and between groups of digits of plain numbers."""
    blank = rng.choice([" ", " ", "  ", "   ", "\u3000", "\u3000"])
    return [replace(segment, text=_spaced(segment, blank, rng)) for segment in segments]


def _spaced(segment: Segment, blank: str, rng: random.Random) -> str:
    text = segment.text
    if segment.type == T.PERSON_NAME and len(text) == 2 and all(map(is_han, text)):
        return text[0] + blank + text[1]
    groupings = _groupings(segment)
    if groupings and text.isascii() and text.isalnum():
        return groups(text, rng.choice(groupings), rng.choice([" ", " ", "\u3000"]))
    return text


def _groupings(segment: Segment) -> tuple[tuple[int, ...], ...]:
    form = FORMATS.get(segment.type) if segment.type else None
    return form.groupings if form else ()


def line_break(segments: Sequence[Segment], rng: random.Random) -> list[Segment]:
    """A line break within one long address or grouped number, as wrapped mails and pages have it."""
    spots = [(index, spot) for index, segment in enumerate(segments) for spot in _breaks(segment)]
    result = list(segments)
    if spots:
        index, (left, right) = rng.choice(spots)
        result[index] = replace(result[index], text=result[index].text[:left] + "\n" + result[index].text[right:])
    return result


def _breaks(segment: Segment) -> list[tuple[int, int]]:
    """Pairs (end of the first line, start of the second) where the value may be broken."""
    text, inner = segment.text, range(3, len(segment.text) - 2)
    if segment.type == T.ADDRESS and len(text) >= 10:
        blanks = [(spot, spot + 1) for spot in inner if text[spot] == " "]
        return blanks or [(spot, spot) for spot in inner if is_han(text[spot]) or is_han(text[spot - 1])]
    if _groupings(segment):
        blanks = [(spot, spot + 1) for spot in inner if text[spot] == " "]
        return blanks + [(spot + 1, spot + 1) for spot in inner if text[spot] == "-"]
    return []
