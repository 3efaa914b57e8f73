"""What all answers about the same types share: the syntax around values, and the tokens along it."""

from collections.abc import Iterable, Sequence

import numpy as np

from schemas.llm.codec import encode_answer
from schemas.taxonomy import EntityType
from serving.engines.llm.backends.backend import Ids
from serving.engines.llm.constraint.vocabulary import Vocabulary

Rest = tuple[bytes, EntityType | None]
"""Syntax up to where a value of a type begins, or to the end of the answer."""

_EMPTY = encode_answer("", [])
_HEAD, _TAIL = _EMPTY[:-2], _EMPTY[-2:]


def _item(kind: EntityType) -> str:
    return f'{{"type":"{kind}","value":"'


class Syntax:
    """What is the same for all texts asked about `types`: the syntax around values, and the tokens along it."""

    def __init__(self, vocabulary: Vocabulary, types: Sequence[EntityType]) -> None:
        self.vocabulary = vocabulary
        self.types = tuple(types)
        self._rests: dict[tuple[bool, tuple[EntityType, ...]], list[Rest]] = {}
        self._along: dict[tuple[bytes, ...], Ids] = {}
        self._closing: dict[bytes, list[int]] = {}

    def rests(self, first: bool, types: tuple[EntityType, ...]) -> list[Rest]:
        """What can follow the start (`first`) or a value, when an item of `types` can come next."""
        rests = self._rests.get((first, types))
        if rests is None:
            before, end = (_HEAD, _EMPTY) if first else ('"},', f'"}}{_TAIL}')
            rests = [(end.encode(), None), *(((before + _item(kind)).encode(), kind) for kind in types)]
            self._rests[first, types] = rests
        return rests

    def along(self, rests: tuple[bytes, ...]) -> Ids:
        """The tokens with which one of `rests` goes on, without those that go beyond it."""
        ids = self._along.get(rests)
        if ids is None:
            ids = sorted_ids(token for rest in rests for _, token in self.vocabulary.read(rest)[0])
            self._along[rests] = ids
        return ids

    def closing(self, piece: bytes) -> list[int]:
        """The tokens that consist of `piece`, the end of a value, and of syntax that can follow a value."""
        tokens = self._closing.get(piece)
        if tokens is None:
            rests = [rest for rest, _ in self.rests(False, self.types)]
            pieces = self.vocabulary.token_bytes
            tokens = [
                token
                for token in self.vocabulary.closing(piece)
                if any(rest.startswith(pieces[token][len(piece) :]) for rest in rests)
            ]
            self._closing[piece] = tokens
        return tokens


def sorted_ids(tokens: Iterable[int]) -> Ids:
    """`tokens`, each once."""
    return np.unique(np.fromiter(tokens, np.int64))
