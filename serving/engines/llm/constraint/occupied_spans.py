"""Which bytes of a text the values of an answer occupy, by the aligner's rule."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter


@dataclass(frozen=True, slots=True)
class OccupiedSpans:
    """The bytes that values occupy: the end of the last value in reading order, their number, their sorted spans."""

    cursor: int
    size: int
    spans: tuple[tuple[int, int], ...]

    def is_free(self, start: int, end: int) -> bool:
        """Whether no value occupies a byte of [start, end)."""
        index = bisect_right(self.spans, start, key=itemgetter(0))
        after_last = index == 0 or self.spans[index - 1][1] <= start
        return after_last and (index == len(self.spans) or end <= self.spans[index][0])

    def with_value(self, ends: Sequence[int], length: int) -> OccupiedSpans:
        """With one more value of `length` bytes, of which `ends` are the free occurrences in order."""
        end = next((end for end in ends if end - length >= self.cursor), None)
        cursor = self.cursor if end is None else end
        end = ends[0] if end is None else end
        return OccupiedSpans(cursor, self.size + length, tuple(sorted((*self.spans, (end - length, end)))))
