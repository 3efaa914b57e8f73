"""Offsets in the units of other languages: Python counts code points, JavaScript UTF-16 units, Go bytes of UTF-8."""

from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise
from typing import Any, Literal

OffsetUnit = Literal["code_point", "utf16", "utf8"]
_ENCODINGS: Mapping[OffsetUnit, tuple[str, int]] = {"utf16": ("utf-16-le", 2), "utf8": ("utf-8", 1)}
"""The encoding that a unit belongs to, and the bytes of one unit."""


def in_units(text: str, entities: Iterable[dict[str, Any]], unit: OffsetUnit) -> list[dict[str, Any]]:
    """`entities` of `text`, sorted and without overlap, with `start` and `end` in `unit` instead of code points."""
    rows = list(entities)
    if unit == "code_point":
        return rows
    encoding, width = _ENCODINGS[unit]
    borders = [0, *(border for row in rows for border in (row["start"], row["end"]))]
    counts = list(accumulate(len(text[start:end].encode(encoding)) // width for start, end in pairwise(borders)))
    return [
        {**row, "start": start, "end": end} for row, start, end in zip(rows, counts[::2], counts[1::2], strict=True)
    ]
