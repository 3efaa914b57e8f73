"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) as they come, however cut."""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

_LONGEST = 1 << 24
"""Characters of an event at most."""
_LINE_END = re.compile(r"\r\n|\n|\r")


class StreamError(Exception):
    """A stream that cannot be read on; carries nothing of it."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """The lines of an event, without their ends; a comment has no data."""

    lines: Sequence[str] = field(repr=False)

    @property
    def data(self) -> str | None:
        """The text of its data, or None."""
        parts = [_value(line) for line in self.lines if line.partition(":")[0] == "data"]
        return "\n".join(parts) if parts else None

    def with_data(self, data: str) -> "ServerEvent":
        """The same event with other data, of one line."""
        others = [line for line in self.lines if line.partition(":")[0] != "data"]
        return replace(self, lines=[*others, f"data: {data}"])

    def encode(self) -> bytes:
        """As it is sent."""
        return "".join(f"{line}\n" for line in [*self.lines, ""]).encode()


def _value(line: str) -> str:
    return line.partition(":")[2].removeprefix(" ")


class EventReader:
    """Makes events of bytes, in time that grows with their number, however long an event is."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._line: list[str] = []  # in pieces, since more may follow
        self._lines: list[str] = []
        self._return = ""  # a last "\r", after which a "\n" may follow
        self._characters = 0

    def feed(self, content: bytes) -> Iterator[ServerEvent]:
        """Yield the events that are whole now. Raises StreamError for what is no UTF-8, or too long."""
        try:
            text = self._return + self._decoder.decode(content)
        except UnicodeDecodeError:
            raise StreamError("an event that is not UTF-8") from None
        self._return = "\r" if text.endswith("\r") else ""
        first, *others = _LINE_END.split(text.removesuffix("\r"))
        self._line.append(first)
        self._characters += len(first)
        for following in others:
            yield from self._add("".join(self._line))
            self._line = [following]
            self._characters += len(following)
        if self._characters > _LONGEST:
            raise StreamError("an event that is too long")

    def close(self) -> Iterator[ServerEvent]:
        """Yield the last event, whose end may be that of the stream. Raises StreamError where no data came of it."""
        lines = [*self._lines, "".join(self._line)]
        self._lines, self._line, self._return, self._characters = [], [], "", 0
        last = ServerEvent([line for line in lines if line])
        if last.data:
            yield last
        elif any(line.strip() for line in lines):
            raise StreamError("half an event at its end")

    def _add(self, line: str) -> Iterator[ServerEvent]:
        """Take the next whole line, and yield the event that it ends."""
        if line:
            self._lines.append(line)
        elif self._lines:
            yield ServerEvent(self._lines)
            self._lines, self._characters = [], 0
