"""The splits of a dataset, and the rule that keeps their personal values apart."""

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from data_builders.splits import Split


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


def widen(text: str) -> str:
    """Printable ASCII as full-width forms (U+FF01..U+FF5E); everything else as it is."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
