"""Which characters of a text lie in known Chinese words, and what kind of word it is: a hint beside each token.

A small encoder knows few words, and what is a word (高兴, 江山) often decides what is a name. Every match of a list of
words counts, overlapping ones too, after "SoftLexicon" (Ma et al., ACL 2020, https://arxiv.org/abs/1908.05969), here
without weights.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import marisa_trie
import numpy as np
import numpy.typing as npt

from schemas.errors import ModelError
from schemas.files import replacing
from schemas.spans.tags import Span
from schemas.tagger.word_kind import LONGEST, SHORTEST, WordKind

LEXICON = "lexicon.npz"
"""Name of the lexicon in the folder of a model."""

Features = npt.NDArray[np.float32]

FEATURES = 3 * len(WordKind)
"""Numbers beside a token: for each kind, whether a word begins, goes on or ends there."""

_BEGIN, _INSIDE, _END = (len(WordKind) * place for place in range(3))
_FIRST_HAN = "\u3400"


class Lexicon:
    """A list of words with their kinds, packed into a trie."""

    def __init__(self, trie: bytes, kinds: npt.NDArray[np.uint8]) -> None:
        """Take a marisa trie and the kinds of its words, by their numbers there."""
        self._trie = marisa_trie.Trie().frombytes(trie)
        self._kinds = kinds.tobytes()

    @classmethod
    def of(cls, words: Mapping[str, WordKind]) -> Self:
        """Pack those `words` that have `SHORTEST` to `LONGEST` characters."""
        trie = marisa_trie.Trie(word for word in words if SHORTEST <= len(word) <= LONGEST)
        kinds = [words[trie.restore_key(number)] for number in range(len(trie))]
        return cls(trie.tobytes(), np.array(kinds, np.uint8))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read `lexicon.npz` in `folder`; raises ModelError when it is missing or broken."""
        path = folder / LEXICON
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return cls(arrays["trie"].tobytes(), arrays["kinds"])
        except Exception as error:  # numpy, zipfile and marisa raise errors of many kinds
            raise ModelError(f"{path}: not a readable lexicon: {error}") from error

    def write(self, folder: Path) -> None:
        """Write `lexicon.npz` to `folder`; it appears whole or not at all."""
        arrays: dict[str, Any] = {
            "trie": np.frombuffer(self._trie.tobytes(), np.uint8),
            "kinds": np.frombuffer(self._kinds, np.uint8),
        }
        with replacing(folder / LEXICON) as partial, partial.open("wb") as file:
            np.savez(file, **arrays)

    def __len__(self) -> int:
        """Number of words."""
        return len(self._kinds)

    @property
    def digest(self) -> str:
        """SHA-256 of words and kinds."""
        return hashlib.sha256(self._trie.tobytes() + self._kinds).hexdigest()

    def mark(self, text: str, spans: Sequence[Span]) -> list[int]:
        """Mark the tokens of the folded `text`, whose `spans` are given, with the words that they lie in.

        Returns a number per token, for `features`: bit 0 is the first kind of a word that begins there, and so on.
        Tokens of several characters, which are of Latin letters, lie in no word.
        """
        marks = [0] * len(text)
        match, kinds = self._trie.iter_prefixes_with_ids, self._kinds
        for start, char in enumerate(text):
            if char < _FIRST_HAN:
                continue
            for word, number in match(text[start : start + LONGEST]):
                kind, last = kinds[number], start + len(word) - 1
                marks[start] |= kind << _BEGIN
                marks[last] |= kind << _END
                for inside in range(start + 1, last):
                    marks[inside] |= kind << _INSIDE
        return [marks[start] if end - start == 1 else 0 for start, end in spans]


def features(marks: Iterable[int]) -> Features:
    """The marks of tokens as numbers 0 and 1, (tokens, `FEATURES`)."""
    bits = np.array(list(marks), np.uint16)[:, None] >> np.arange(FEATURES, dtype=np.uint16)
    return (bits & 1).astype(np.float32)
