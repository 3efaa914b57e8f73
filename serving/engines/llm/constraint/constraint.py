"""What a model may write next: the protocol of every constraint on an answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np

from serving.engines.llm.backends.backend import Ids


class Lead(IntEnum):
    """What becomes of the list of entities with a token."""

    ENDS = -1
    OPEN = 0
    GOES_ON = 1
    INSIDE = 2
    """A value goes on; whether the list does is not asked yet."""


class Constraint(Protocol):
    """What may follow at one point of an answer; a constraint is a value and does not change."""

    @property
    def done(self) -> bool:
        """Whether the answer is complete."""
        ...

    def allowed(self) -> Ids | None:
        """The tokens that may come next; None: all."""
        ...

    def advance(self, piece: bytes) -> Constraint | None:
        """The constraint after the bytes of a token, or None where they are not allowed."""
        ...

    def leads(self, piece: bytes) -> Lead:
        """What becomes of the list of entities with the allowed `piece`."""
        ...


@dataclass(frozen=True, slots=True)
class _Done:
    """The answer is complete."""

    done: bool = True

    def allowed(self) -> Ids:
        """No token."""
        return np.zeros(0, np.int64)

    def advance(self, piece: bytes) -> None:
        """Nothing follows."""

    def leads(self, piece: bytes) -> Lead:
        """Nothing follows."""
        return Lead.ENDS


DONE = _Done()
"""The end of every complete answer."""
