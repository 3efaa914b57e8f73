"""Offsets in the units in which other languages count: Python counts code points, JavaScript UTF-16, Go UTF-8."""

from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise
from typing import Any, Literal

OffsetUnit = Literal["code_point", "utf16", "utf8"]
_CODINGS: Mapping[OffsetUnit, tuple[str, int]] = {"utf16": ("utf-16-le", 2), "utf8": ("utf-8", 1)}
"""The coding of a unit, and the bytes that one takes in it."""


def in_units(text: str, entities: Iterable[dict[str, Any]], unit: OffsetUnit) -> list[dict[str, Any]]:
    """`entities` of `text`, sorted and without overlap, with `start` and `end` in `unit` instead of code points."""
    rows = list(entities)
    if unit == "code_point":
        return rows
    coding, width = _CODINGS[unit]
    places = [0, *(place for row in rows for place in (row["start"], row["end"]))]
    counts = list(accumulate(len(text[start:end].encode(coding)) // width for start, end in pairwise(places)))
    return [
        {**row, "start": start, "end": end} for row, start, end in zip(rows, counts[::2], counts[1::2], strict=True)
    ]
