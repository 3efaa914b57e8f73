"""Strings that are looked for in a text, however many, in one pass."""

from bisect import insort
from collections.abc import Iterator


class Beginnings:
    """Strings by their first characters, and of those that begin alike by their lengths.

    Looking at one position takes as long as strings of different lengths begin so, however many there are.
    """

    def __init__(self, first: int) -> None:
        self._first = first
        self._meant: dict[str, str] = {}
        self._lengths: dict[str, list[int]] = {}

    def add(self, string: str, meant: str) -> None:
        """Look for `string`, which stands for `meant`."""
        lengths = self._lengths.setdefault(string[: self._first], [])
        if len(string) not in lengths:
            insort(lengths, len(string))
        self._meant[string] = meant

    def starts(self, text: str) -> Iterator[int]:
        """Where in `text` one of the strings may begin."""
        last = len(text) - self._first
        return (at for at in range(last + 1) if text[at : at + self._first] in self._lengths)

    def at(self, text: str, start: int) -> Iterator[tuple[str, str]]:
        """The strings that stand in `text` at `start`, and what they stand for; the shortest first."""
        for length in self._lengths.get(text[start : start + self._first], ()):
            string = text[start : start + length]
            if string in self._meant:
                yield string, self._meant[string]

    def __bool__(self) -> bool:
        return bool(self._meant)
