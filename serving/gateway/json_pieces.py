"""JSON text that comes in pieces, read with the characters that its escapes stand for."""

import json
import re
from collections import deque

_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_CHARACTER = re.compile(rf"{_PAIR}|\\u[0-9a-fA-F]{{4}}|\\[^u]|[^\\]|\\", re.DOTALL)
_WHOLE = re.compile(rf"(?:{_PAIR}|\\u(?![dD][89abAB])[0-9a-fA-F]{{4}}|\\[^u]|[^\\])*", re.DOTALL)
_UNFINISHED = re.compile(r"(?:\\u[dD][89abAB][0-9a-fA-F]{2})?(?:\\(?:u[0-9a-fA-F]{0,3})?)?")
"""What may be the beginning of an escape: half of a pair, or less."""


class JsonPieces:
    """Reads JSON text piece by piece, and gives back what was written for each character that was read."""

    def __init__(self) -> None:
        self._written: deque[str] = deque()
        self._rest = ""

    def feed(self, piece: str) -> str:
        """The characters of the text so far, after `piece` has come, without half an escape at its end."""
        text = self._rest + piece
        end = _end(_WHOLE, text, 0)
        while not _UNFINISHED.fullmatch(text, end):  # what is no escape of JSON
            end = _end(_WHOLE, text, _end(_CHARACTER, text, end))
        self._rest = text[end:]
        return self._read(text[:end])

    def close(self) -> str:
        """The characters of the rest, since nothing follows."""
        rest, self._rest = self._rest, ""
        return self._read(rest)

    def take(self, count: int) -> str:
        """What was written for the next `count` of the characters that were read."""
        return "".join(self._written.popleft() for _ in range(count))

    def _read(self, text: str) -> str:
        written = _CHARACTER.findall(text)
        self._written.extend(written)
        return "".join(map(_character, written))


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _character(written: str) -> str:
    """The character that is written so; what is no escape of JSON is its last one."""
    if len(written) == 1:
        return written
    try:
        read: str = json.loads(f'"{written}"')
    except ValueError:
        return written[-1]
    return read
