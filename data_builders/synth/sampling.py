"""Random building blocks, and the rule that keeps the splits' personal values apart."""

import hashlib
import random
import string
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from data_builders.splits import Split

HEX = "0123456789abcdef"
ALNUM = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Partition:
    """Assigns every string to exactly one split by its hash: 80% train, 5% validation, 15% test.

    A value and its other surface forms (case, width, separators) fall into the same split.
    """

    split: Split

    def admits(self, value: str) -> bool:
        """Whether `value` belongs to this split."""
        normal = unicodedata.normalize("NFKC", value).casefold()
        canonical = "".join(char for char in normal if char.isalnum()) or value
        bucket = int.from_bytes(hashlib.sha256(canonical.encode()).digest()[:4], "big") % 20
        return self.split == (Split.TEST if bucket < 3 else Split.VALIDATION if bucket == 3 else Split.TRAIN)

    def draw(self, make: Callable[[], str]) -> str:
        """Call `make` until it returns a value of this split."""
        while not self.admits(value := make()):
            pass
        return value


def chars(rng: random.Random, alphabet: Sequence[str], length: int) -> str:
    """`length` characters drawn from `alphabet`."""
    return "".join(rng.choices(alphabet, k=length))


def digits(rng: random.Random, length: int) -> str:
    """`length` decimal digits, the first one not zero."""
    return rng.choice("123456789") + chars(rng, string.digits, length - 1) if length else ""


def weighted(rng: random.Random, table: Mapping[str, float]) -> str:
    """One key of `table`, drawn by its weight."""
    return rng.choices(list(table), weights=list(table.values()))[0]


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


def widen(text: str) -> str:
    """Printable ASCII as full-width forms (U+FF01..U+FF5E); everything else as it is."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
