"""Finds near-duplicates: candidates by MinHash and locality-sensitive hashing (Broder 1997), verdict by counting."""

import unicodedata
import zlib

from datasketch import MinHash, MinHashLSH

LEAST = 0.8
"""The lowest similarity for which the bands below find nearly all pairs (0.8: 89%, 0.85: 98%, 0.9: 99.9%)."""

_SHINGLE = 5
_BANDS, _ROWS = 12, 8


class NearDuplicates:
    """An index of texts that tells which earlier one a new one resembles.

    Two texts are near-duplicates when the Jaccard similarity of their 5-character shingles (after NFKC, in lower case,
    without white space) is at least `similarity`, which is `LEAST` or more.
    """

    def __init__(self, similarity: float) -> None:
        self._similarity = similarity
        self._index = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))
        self._texts: dict[str, str] = {}

    def find(self, text: str) -> str | None:
        """The name of a text in the index that resembles `text`, the first by name."""
        shingles = _shingles(normalize(text))
        for name in sorted(self._index.query(_sketch(shingles))):
            others = _shingles(self._texts[name])
            if len(shingles & others) >= self._similarity * len(shingles | others):
                return str(name)
        return None

    def add(self, name: str, text: str) -> None:
        """Take `text` in as `name`, which the index does not have yet."""
        self._texts[name] = normalize(text)
        self._index.insert(name, _sketch(_shingles(self._texts[name])))


def normalize(text: str) -> str:
    """`text` in NFKC and lower case, without white space."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _shingles(text: str) -> set[str]:
    return {text[start : start + _SHINGLE] for start in range(max(len(text) - _SHINGLE, 0) + 1)}


def _sketch(shingles: set[str]) -> MinHash:
    sketch = MinHash(_BANDS * _ROWS, hashfunc=zlib.crc32, scheme="affine32")
    sketch.update_batch(shingle.encode("utf-32-le") for shingle in shingles)
    return sketch
