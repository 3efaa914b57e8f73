"""The tokens of a byte-level BPE as byte strings."""

from bisect import bisect_left
from collections.abc import Mapping

_QUOTE = ord('"')


class Vocabulary:
    """The tokens that can be written, by their bytes; `end` ends an answer."""

    def __init__(self, token_bytes: Mapping[int, bytes], end: int) -> None:
        """`token_bytes` are the bytes of each token that stands for text, by its id."""
        self.end = end
        self.token_bytes = dict(token_bytes)
        self._ids = {piece: token for token, piece in token_bytes.items()}
        self._sorted = sorted(self._ids)
        self._closing: dict[bytes, list[int]] = {}
        for piece, token in self._ids.items():
            for at, byte in enumerate(piece):
                if byte == _QUOTE:
                    self._closing.setdefault(piece[:at], []).append(token)
        self._prefixes = {piece[:length] for piece in self._ids for length in range(1, len(piece))}

    def token(self, piece: bytes) -> int:
        """The token of these bytes. Raises KeyError when there is none."""
        return self._ids[piece]

    def read(self, data: bytes, start: int = 0) -> tuple[list[tuple[int, int]], list[int]]:
        """The tokens that `data` goes on with at `start`, each with its end in `data`, shortest first.

        And the places in `data` where a token that begins at `start` may go on with a quote instead.
        """
        tokens, closable = [], []
        ids, prefixes, closing = self._ids, self._prefixes, self._closing
        for end in range(start + 1, len(data) + 1):
            piece = data[start:end]
            token = ids.get(piece)
            if token is not None:
                tokens.append((end, token))
            if piece not in prefixes:
                break
            if piece in closing:
                closable.append(end)
        return tokens, closable

    def closing(self, piece: bytes) -> list[int]:
        """The tokens that begin with `piece` and a quote."""
        return self._closing.get(piece, [])

    def is_prefix(self, piece: bytes) -> bool:
        """Whether a longer token begins with `piece`."""
        return piece in self._prefixes

    def beginning(self, prefix: bytes) -> list[int]:
        """The tokens that begin with `prefix`."""
        tokens = []
        at = bisect_left(self._sorted, prefix)
        while at < len(self._sorted) and self._sorted[at].startswith(prefix):
            tokens.append(self._ids[self._sorted[at]])
            at += 1
        return tokens
