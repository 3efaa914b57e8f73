r"""Characters that are written as escapes: \u5f20 in JSON, &#24352; in HTML, %E5%BC%A0 in URLs.

Whoever wrote the text escaped them, and whoever reads it next, a model above all, takes them for what they stand for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schemas.text.text import Text

_PAIR = r"\\+u([dD][89abAB][0-9a-fA-F]{2})\\+u([dD][c-fC-F][0-9a-fA-F]{2})"
_UNIT = r"\\+u(?![dD][89a-fA-F])([0-9a-fA-F]{4})"
_ENTITY = r"&#(?:[xX]([0-9a-fA-F]{1,6})|([0-9]{1,7}));"
_BYTES = r"%40|%2[bB]|(?:%[c-fC-F][0-9a-fA-F](?:%[89abAB][0-9a-fA-F])+)+"  # what else is ASCII would end a value there
_ESCAPE = re.compile(f"{_PAIR}|{_UNIT}|{_ENTITY}|{_BYTES}")
_ESCAPE_OF_JSON = re.compile(f"{_PAIR}|{_UNIT}")
_BYTE = 3
"""Characters that write a byte."""

_Character = tuple[int, int, str]
"""Start and end of an escape, and the character that it stands for."""


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text without escapes, and the `written` one.

    `starts` says where each of its characters is written, and where the text ends; it is None without escapes.
    """

    text: Text = field(repr=False)
    written: Text = field(repr=False)
    starts: Sequence[int] | None = None

    @classmethod
    def of(cls, written: Text) -> "DecodedText":
        """Read the escapes of `written` once; what stands for no character stays as it is written."""
        starts, end = list[int](), 0
        for start, stop, _ in _characters(written):
            starts += (*range(end, start), start)
            end = stop
        if not starts:
            return cls(written, written)
        return cls(Text.of(decoded(written)), written, [*starts, *range(end, len(written) + 1)])


def decoded(text: str) -> str:
    """The text with characters in the place of their escapes."""
    parts, end = list[str](), 0
    for start, stop, char in _characters(text):
        parts += (text[end:start], char)
        end = stop
    return "".join([*parts, text[end:]]) if parts else text


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
