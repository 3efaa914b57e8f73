"""Cuts long examples into pieces that fit a model."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemas.spans.entity import Document, Entity, Example
from schemas.text.sentences import sentence_ends

_COMMA = re.compile(r"[，,]")


def split_long(example: Example, limit: int) -> Iterator[Example]:
    """Yield `example` itself when its text has at most `limit` characters, else pieces that make up the text.

    Each piece is as long as the limit allows and ends after a sentence, else after a comma, else at the limit; never
    inside an entity, so a piece goes beyond the limit only where an entity does. Ids get the suffixes `-1`, `-2`.
    Raises ValueError for a limit below 1.
    """
    if limit < 1:
        raise ValueError(f"the limit is {limit}; it must be 1 or more")
    text = example.document.text
    if len(text) <= limit:
        yield example
        return
    start = 0
    for number, end in enumerate(_ends(text, example.entities, limit), start=1):
        entities = [
            Entity(entity.start - start, entity.end - start, entity.type)
            for entity in example.entities
            if start <= entity.start < end
        ]
        document = Document(f"{example.document.id}-{number}", text[start:end])
        yield replace(example, document=document, entities=tuple(entities))
        start = end


def _ends(text: str, entities: Sequence[Entity], limit: int) -> Iterator[int]:
    """Where the pieces end."""
    inside = {position for entity in entities for position in range(entity.start + 1, entity.end)}
    everywhere = [position for position in range(1, len(text) + 1) if position not in inside]
    sentences = [end for end in sentence_ends(text) if end not in inside]
    commas = [match.end() for match in _COMMA.finditer(text) if match.end() not in inside]
    start = 0
    while len(text) - start > limit:
        ends = (_last(positions, start, start + limit) for positions in (sentences, commas, everywhere))
        start = next(filter(None, ends), None) or everywhere[bisect_right(everywhere, start)]
        yield start
    if start < len(text):
        yield len(text)


def _last(positions: Sequence[int], start: int, stop: int) -> int | None:
    """The last of the sorted `positions` in `(start, stop]`."""
    index = bisect_right(positions, stop) - 1
    return positions[index] if index >= 0 and positions[index] > start else None
