"""Random building blocks of made-up values."""

import string
from collections.abc import Callable, Mapping, Sequence
from random import Random

HEX = "0123456789abcdef"
ALNUM = string.ascii_letters + string.digits
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Capitals without I and O, which read like digits."""

Draw = Callable[[Random], str]
"""Makes a value up."""


def chars(random: Random, alphabet: Sequence[str], length: int) -> str:
    """`length` characters drawn from `alphabet`."""
    return "".join(random.choices(alphabet, k=length))


def digits(random: Random, length: int) -> str:
    """`length` decimal digits, the first one not zero."""
    return random.choice("123456789") + chars(random, string.digits, length - 1) if length else ""


def small_letters(random: Random) -> str:
    """Four to eight small letters."""
    return chars(random, string.ascii_lowercase, random.randint(4, 8))


def weighted(random: Random, table: Mapping[str, float]) -> str:
    """One key of `table`, drawn by its weight."""
    return random.choices(list(table), weights=list(table.values()))[0]


def groups(text: str, sizes: Sequence[int], separator: str) -> str:
    """`text` cut into `sizes` (the last size repeats) and joined by `separator`."""
    parts, rest = [], text
    for size in sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    while rest:
        parts.append(rest[: sizes[-1]])
        rest = rest[sizes[-1] :]
    return separator.join(part for part in parts if part)
