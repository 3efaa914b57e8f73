"""What the tagger reads: folded text without marks of emphasis, a token a character but for runs of Latin letters."""

from collections.abc import Sequence
from typing import Any, Protocol

from schemas.spans.tags import Span
from schemas.text.markup import without_emphasis
from schemas.text.text import Text

STANDALONE = r"[^\p{Latin}▁]"
"""Regex of the characters that stand alone, so that no entity begins or ends inside a token (but for Latin words)."""


class Encoding(Protocol):
    """The part of `tokenizers.Encoding` that is used here."""

    @property
    def ids(self) -> list[int]:
        """Token ids."""
        ...

    @property
    def offsets(self) -> list[Span]:
        """Character span of each token."""
        ...


class Tokenizer(Protocol):
    """The part of `tokenizers.Tokenizer` that is used here."""

    def encode(self, sequence: Any, *, add_special_tokens: bool = ...) -> Encoding:
        """Tokenise one text."""
        ...


def tokenize(tokenizer: Tokenizer, text: str) -> tuple[list[int], Sequence[Span]]:
    """Return the token ids of the whole `text` (no special tokens) and the character span of each token.

    Spans count code points of the original text, are disjoint and ascending; only the first may be empty.
    Raises InvalidTextError for a text with lone surrogates.
    """
    encoding = tokenizer.encode(without_emphasis(Text.of(text)), add_special_tokens=False)
    offsets = encoding.offsets
    if len(offsets) > 1 and offsets[1][0] < offsets[0][1]:
        offsets[0] = (0, 0)  # the prefix that the tokenizer adds stands for no character
    return encoding.ids, offsets
