"""Pieces of the versions without offsets: aligns the masked text, with its placeholders, to the full text."""

import re
from collections.abc import Sequence

from data_builders.sources.ai4privacy.pieces import LabelledPiece, UnusableRowError

_PLACEHOLDER = re.compile(r"\[([A-Z][A-Z0-9]*(?:_[A-Z]+)*)(?:_\d+)?\]")
"""`[FULLNAME_1]`, `[PHONE_NUMBER_2]`, `[IPV4_1]`, with or without a number."""


def aligned_pieces(text: str, masked: str) -> list[LabelledPiece]:
    """The pieces that the placeholders of `masked` stand for in `text`, each of at least one character.

    A placeholder that stands in `text` as it is, is text. Raises UnusableRowError unless there is exactly one way to
    align the two.
    """
    literals, labels = _PLACEHOLDER.split(masked)[::2], _PLACEHOLDER.findall(masked)
    ends = _leftmost(text, literals)
    mirrored = _leftmost(text[::-1], [literal[::-1] for literal in reversed(literals)])
    starts = [len(text) - end for end in reversed(mirrored)]
    if [end - len(literal) for end, literal in zip(ends, literals, strict=True)] != starts:
        raise UnusableRowError("masked text fits in more than one way")
    pieces = [LabelledPiece(ends[index], starts[index + 1], label) for index, label in enumerate(labels)]
    return [piece for piece in pieces if not _PLACEHOLDER.fullmatch(text, piece.start, piece.end)]


def _leftmost(text: str, literals: Sequence[str]) -> list[int]:
    """Where each literal ends when each stands as far left as it can, with a character or more between two of them."""
    first, *middle = literals
    if not text.startswith(first) or (not middle and text != first):
        raise UnusableRowError("masked text does not fit")
    ends = [len(first)]
    for literal in middle[:-1]:
        start = text.find(literal, ends[-1] + 1)
        if start < 0:
            raise UnusableRowError("masked text does not fit")
        ends.append(start + len(literal))
    if middle:
        if len(text) - len(middle[-1]) <= ends[-1] or not text.endswith(middle[-1]):
            raise UnusableRowError("masked text does not fit")
        ends.append(len(text))
    return ends
