"""Operators: what they put in the place of a personal value."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal, Protocol, get_args

from schemas.errors import PiiSftError
from schemas.taxonomy import EntityType
from serving.redaction.surrogates import surrogate

OperatorName = Literal["label", "mask", "hash", "pseudonym", "surrogate"]
OPERATORS: tuple[OperatorName, ...] = get_args(OperatorName)
_DIGEST = 12
"""Hexadecimal digits of a hash."""


class MissingKeyError(PiiSftError, ValueError):
    """A redaction that needs a key, where there is none."""


class IrreversibleError(PiiSftError, ValueError):
    """A way back from an operator that gives different values the same stand-in."""

    def __init__(self, operator: str) -> None:
        super().__init__(f"{operator} cannot be undone; use pseudonym, surrogate or hash")


class Operator(Protocol):
    """Makes stand-ins."""

    @property
    def unique(self) -> bool:
        """Whether different values get different ones, so that there is a way back."""
        ...

    def stand_in(self, kind: EntityType, value: str, number: int) -> str:
        """The stand-in for `value`; `number` counts the values of `kind` that have one, and the tries before."""
        ...


@dataclass(frozen=True, slots=True)
class Label:
    """The type alone: `[PERSON_NAME]`."""

    unique: bool = False

    def stand_in(self, kind: EntityType, value: str, number: int) -> str:
        """As `Operator` has it."""
        return f"[{kind}]"


@dataclass(frozen=True, slots=True)
class Mask:
    """An asterisk for every letter and digit but the last `keep`, of which half stay at most: `***-****-8000`."""

    keep: int = 0
    unique: bool = False

    def stand_in(self, kind: EntityType, value: str, number: int) -> str:
        """As `Operator` has it."""
        positions = [position for position, char in enumerate(value) if char.isalnum()]
        shown = set(positions[len(positions) - min(self.keep, len(positions) // 2) :])
        return "".join("*" if char.isalnum() and at not in shown else char for at, char in enumerate(value))


@dataclass(frozen=True, slots=True)
class Hash:
    """The type and 48 bits of a keyed digest (HMAC-SHA-256): `[PERSON_NAME_3f2a90c1b7d4]`, the same under a key."""

    key: bytes
    unique: bool = True

    def stand_in(self, kind: EntityType, value: str, number: int) -> str:
        """As `Operator` has it."""
        message = f"{kind}\0{value}".encode()
        return f"[{kind}_{hmac.new(self.key, message, hashlib.sha256).hexdigest()[:_DIGEST]}]"


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """The type and a number: `[PERSON_NAME_1]`, the same for the same value."""

    unique: bool = True

    def stand_in(self, kind: EntityType, value: str, number: int) -> str:
        """As `Operator` has it."""
        return f"[{kind}_{number + 1}]"


@dataclass(frozen=True, slots=True)
class Surrogate:
    """A made-up value of the same form, whose check digits hold where those of the value do, drawn from `random`."""

    random: Random = field(default_factory=secrets.SystemRandom)
    unique: bool = True

    def stand_in(self, kind: EntityType, value: str, number: int) -> str:
        """As `Operator` has it."""
        return surrogate(kind, value, self.random)


def make_operator(name: OperatorName, *, keep: int = 0, key: bytes = b"") -> Operator:
    """The operator of that name; `keep` is for masks, `key` for hashes.

    Raises ValueError for another name, MissingKeyError for a hash without a key.
    """
    if name not in OPERATORS:
        raise ValueError(f"no operator {name}; there are {', '.join(OPERATORS)}")
    if name == "hash" and not key:
        raise MissingKeyError("hashes need a key")
    operators: Mapping[OperatorName, Operator] = {
        "label": Label(),
        "mask": Mask(keep),
        "hash": Hash(key),
        "pseudonym": Pseudonym(),
        "surrogate": Surrogate(),
    }
    return operators[name]
