r"""Characters that are written as escapes: \u5f20 in JSON, &#24352; in HTML, %E5%BC%A0 in URLs.

Whoever wrote the text escaped them, and whoever reads it next, a model above all, takes them for what they stand for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from schemas.engine import Engine
from schemas.spans.entity import Entity
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType
from schemas.text.text import Text

_PAIR = r"\\+u([dD][89abAB][0-9a-fA-F]{2})\\+u([dD][c-fC-F][0-9a-fA-F]{2})"
_UNIT = r"\\+u(?![dD][89a-fA-F])([0-9a-fA-F]{4})"
_ENTITY = r"&#(?:[xX]([0-9a-fA-F]{1,6})|([0-9]{1,7}));"
_BYTES = r"(?:%[0-9a-fA-F]{2})+"
_ESCAPE = re.compile(f"{_PAIR}|{_UNIT}|{_ENTITY}|{_BYTES}")
_ESCAPE_OF_JSON = re.compile(f"{_PAIR}|{_UNIT}")
_BYTE = 3
"""Characters that write a byte."""

_Character = tuple[int, int, str]
"""Start and end of an escape, and the character that it stands for."""


@dataclass(frozen=True, slots=True)
class EscapeReader:
    """Has `engine` read texts without their escapes, and answers with the places of the values among the escapes."""

    engine: Engine

    def with_bias(self, log_odds: float) -> "EscapeReader":
        """The same with the bias of the engine that it asks."""
        return EscapeReader(self.engine.with_bias(log_odds))

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `schemas.engine.Engine` has it; an entity holds the escapes of its characters."""
        read = [_Read.of(Text.of(text)) for text in texts]
        found = self.engine.detect([one.text for one in read], types)
        return [one.located(prediction) for one, prediction in zip(read, found, strict=True)]


def unescaped(text: str) -> str:
    """The text with characters in the place of the escapes of JSON, and of escapes of escapes."""
    while (plain := _ESCAPE_OF_JSON.sub(lambda match: _unit(*match.groups()), text)) != text:
        text = plain
    return text


def _unit(high: str | None, low: str | None, unit: str | None) -> str:
    """The character of a surrogate pair, or of a unit of UTF-16."""
    if high and low:
        return chr(0x10000 + (int(high, 16) - 0xD800) * 0x400 + int(low, 16) - 0xDC00)
    return chr(int(unit or "", 16))


@dataclass(frozen=True, slots=True)
class _Read:
    """A text without escapes, and the `written` one.

    `starts` says where each of its characters is written, and where the text ends; it is None without escapes.
    """

    text: Text = field(repr=False)
    written: Text = field(repr=False)
    starts: Sequence[int] | None = None

    @classmethod
    def of(cls, written: Text) -> "_Read":
        parts, starts, end = list[str](), list[int](), 0
        for start, stop, char in _characters(written):
            parts += (written[end:start], char)
            starts += (*range(end, start), start)
            end = stop
        if not starts:
            return cls(written, written)
        text = Text.of("".join([*parts, written[end:]]))
        return cls(text, written, [*starts, *range(end, len(written) + 1)])

    def located(self, prediction: Prediction) -> Prediction:
        """The prediction for the text as one for the written one."""
        if self.starts is None:
            return prediction
        return Prediction(
            self.written,
            tuple(
                replace(found, entity=Entity(self.starts[found.start], self.starts[found.end], found.entity.type))
                for found in prediction.detections
            ),
        )


def _characters(text: str) -> Iterator[_Character]:
    """What the escapes of a text stand for, in order; what stands for no character is none."""
    if "\\u" not in text and "&#" not in text and "%" not in text:
        return
    for match in _ESCAPE.finditer(text):
        start, end = match.span()
        high, low, unit, hexadecimal, decimal = match.groups()
        if high or unit:
            yield start, end, _unit(high, low, unit)
        elif hexadecimal or decimal:
            code = int(hexadecimal, 16) if hexadecimal else int(decimal)
            if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                yield start, end, chr(code)
        else:
            yield from _of_bytes(start, match[0])


def _of_bytes(start: int, written: str) -> Iterator[_Character]:
    """The characters of bytes in UTF-8 that are written from `start`; none if these are bytes of something else."""
    try:
        text = bytes.fromhex(written.replace("%", " ")).decode("utf-8")
    except UnicodeDecodeError:
        return
    for char in text:
        end = start + _BYTE * len(char.encode("utf-8"))
        yield start, end, char
        start = end
