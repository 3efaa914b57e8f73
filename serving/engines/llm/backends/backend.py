"""What the decoding loop asks of a language model, whichever runtime carries it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.errors import ModelError

Ids = NDArray[np.int64]
"""Token ids, sorted."""
Floats = NDArray[np.float32]
Query = tuple[int, Ids | None]
"""A position in a chunk, and the tokens whose logits as the next one are wanted; None: all tokens of the vocabulary."""


class Rows(Protocol):
    """Sequences of tokens that a model continues in step, each with its keys and values."""

    def forward(self, chunks: Sequence[Sequence[int]], queries: Sequence[Sequence[Query]]) -> list[list[Floats]]:
        """Continue each row by its chunk (at least one token), and return for each of its queries the logits."""
        ...

    def keep(self, counts: Sequence[int]) -> None:
        """Take back, of each row's last chunk, all but the first `counts[row]` tokens."""
        ...

    def select(self, rows: Sequence[int]) -> None:
        """Go on with `rows` alone, in that order."""
        ...


class Backend(Protocol):
    """A causal language model."""

    @property
    def rows(self) -> int:
        """Most rows at a time."""
        ...

    @property
    def description(self) -> str:
        """What runs where, in a few words."""
        ...

    def begin(self, prefix: Sequence[int], rows: int) -> Rows:
        """Start `rows` rows that all begin with `prefix`, which is computed once."""
        ...


class OutOfMemoryError(ModelError):
    """There is too little memory for so many rows; fewer may do."""
