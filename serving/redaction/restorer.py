"""Restores a text that comes in pieces, as a model writes it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from serving.redaction.replacement_map import CONTEXT, Occurrence, ReplacementMap


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text as it came, and the value in its place where it is a stand-in."""

    text: str = field(repr=False)
    value: str | None = field(repr=False)


class StandInFinder:
    """Finds the stand-ins of a text that comes in pieces, however it is cut.

    It holds back what may still become a stand-in, and nothing longer than that.
    """

    def __init__(self, replacement_map: ReplacementMap) -> None:
        """Look for the stand-ins of `replacement_map`, which must not grow meanwhile."""
        self._map = replacement_map
        self._beginnings = replacement_map.beginnings()
        self._text = ""
        self._start = 0
        self.unrestored = 0
        """How many parts read like stand-ins, but have no value."""

    def feed(self, text: str) -> Iterator[Piece]:
        """Yield, after `text` has come, all pieces that no further text changes."""
        self._text += text
        yield from self._pieces(*self._map.find_decided(self._text, self._start, self._beginnings))

    def close(self) -> Iterator[Piece]:
        """Yield the rest, since no text follows. What is fed after it begins a text of its own."""
        yield from self._pieces(self._map.find(self._text, self._start), len(self._text))
        self._text, self._start = "", 0

    def _pieces(self, occurrences: Iterable[Occurrence], end: int) -> Iterator[Piece]:
        at = self._start
        for found in occurrences:
            if found.value is None:
                self.unrestored += 1
                continue
            if at < found.start:
                yield Piece(self._text[at : found.start], None)
            yield Piece(self._text[found.start : found.end], found.value)
            at = found.end
        if at < end:
            yield Piece(self._text[at:end], None)
        context = max(end - CONTEXT, 0)  # a stand-in does not begin within a word or number
        self._text, self._start = self._text[context:], end - context


class Restorer:
    """Puts the values back into a text that comes in pieces.

    What `feed` returns, put together, with what `close` returns last, is what `restore` makes of the whole text,
    wherever it was cut.
    """

    def __init__(self, replacement_map: ReplacementMap) -> None:
        """Put back the values of `replacement_map`, which must not grow meanwhile."""
        self._finder = StandInFinder(replacement_map)

    @property
    def unrestored(self) -> int:
        """How many parts of the text so far read like stand-ins, but have no value."""
        return self._finder.unrestored

    def feed(self, text: str) -> str:
        """The next part of the restored text, after `text` has come; what may be part of a stand-in is held back."""
        return joined(self._finder.feed(text))

    def close(self) -> str:
        """The rest of the restored text."""
        return joined(self._finder.close())


def joined(pieces: Iterator[Piece]) -> str:
    """The text of `pieces` with the values in their places."""
    return "".join(piece.text if piece.value is None else piece.value for piece in pieces)
