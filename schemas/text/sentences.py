"""Where sentences end, and segments of a long text for an LLM: overlapping stretches that end where sentences do."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from schemas.spans.entity import Entity

SEGMENT, OVERLAP = 1000, 100
"""Characters of a segment that a language model is asked about, and of what two of them share."""
_SENTENCE = re.compile(r"[。！？；!?;…]+[”’」』）)\"']*|[.](?=\s)|\n+")
"""The end of a sentence or a line."""
_CLAUSE = re.compile(r"[，、,]|\s+")
"""The end of a clause or a word."""


def sentence_ends(text: str) -> list[int]:
    """The positions after which a sentence or a line ends, with the quotes and brackets that close there, ascending."""
    return _ends(_SENTENCE, text)


def segments(text: str, size: int, overlap: int) -> list[tuple[int, int]]:
    """Cover `text` with half-open spans of at most `size` characters, in order; one span when everything fits.

    A span ends at the last border of a sentence in its second half, or of a clause, or else at `size`. The next one
    begins at the first border of a sentence within the `overlap` characters before that end, else of a clause, else
    that many characters before it. Raises ValueError unless 0 <= overlap <= size / 4.
    """
    if not 0 <= overlap <= size // 4:
        raise ValueError(f"overlap {overlap} must be from 0 to a quarter of the size {size}")
    kinds = [sentence_ends(text), _ends(_CLAUSE, text)] if len(text) > size else []
    spans = []
    start = 0
    while len(text) - start > size:
        low, high = start + size // 2, start + size
        ends = [kind[at - 1] for kind in kinds if (at := bisect_right(kind, high)) and kind[at - 1] >= low]
        end = ends[0] if ends else high
        spans.append((start, end))
        low = end - overlap
        starts = [kind[at] for kind in kinds if (at := bisect_left(kind, low)) < len(kind) and kind[at] <= end]
        start = starts[0] if starts else low
    return [*spans, (start, len(text))]


def _ends(pattern: re.Pattern[str], text: str) -> list[int]:
    return [match.end() for match in pattern.finditer(text)]


def clip(entities: Iterable[Entity], start: int, end: int) -> tuple[Entity, ...]:
    """The parts of `entities` inside [start, end), with offsets from `start`."""
    return tuple(
        Entity(max(entity.start, start) - start, min(entity.end, end) - start, entity.type)
        for entity in entities
        if entity.start < end and start < entity.end
    )
