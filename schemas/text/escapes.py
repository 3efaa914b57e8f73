r"""Characters that are written as escapes: \u5f20 in JSON, &#24352; in HTML, %E5%BC%A0 in URLs, \xe5\xbc\xa0 in logs.

Whoever wrote the text escaped them, and whoever reads it next, a model above all, takes them for what they stand for.
Characters that nobody sees, which copies from apps and pages bring along, stand for nothing within a value.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from unicodedata import category

from schemas.text.text import Text

_PAIR = r"(?<!\\)\\+u([dD][89abAB][0-9a-fA-F]{2})\\+u([dD][c-fC-F][0-9a-fA-F]{2})"
_UNIT = r"(?<!\\)\\+u(?![dD][89a-fA-F])([0-9a-fA-F]{4})"
_UNIT_OF_URL = r"%u([dD][89abAB][0-9a-fA-F]{2})%u([dD][c-fC-F][0-9a-fA-F]{2})|%u(?![dD][89a-fA-F])([0-9a-fA-F]{4})"
"""What the function `escape` of browsers writes."""
_POINT = r"(?<!\\)\\+[ux]\{0*([0-9a-fA-F]{1,6})\}|(?<!\\)\\+U00([0-9a-fA-F]{6})|&#[xX]0*([0-9a-fA-F]{1,6});"
"""A code point in JavaScript, Rust, Perl, Python and HTML."""
_DECIMAL = r"&#0*([0-9]{1,7});"
_PERCENT = (
    r"%[cCdD][0-9a-fA-F]{0}|%[eE][0-9a-fA-F](?:{0}){{2}}|%[fF][0-4](?:{0}){{3}}"
    "|%(?:0[9aAdD]|2[0-9a-fA-F]|3[a-fA-F]|40|5[b-fB-F]|60|7[b-eB-E])"
).format("%[89abAB][0-9a-fA-F]")
"""Characters in UTF-8, of ASCII the white space and the signs."""
_BYTES = (
    r"{1}[cCdD][0-9a-fA-F]{0}|{1}[eE][0-9a-fA-F](?:{0}){{2}}|{1}[fF][0-4](?:{0}){{3}}|{1}(?:[01][0-9a-fA-F]|2[27])"
    r"|{1}(?!5[cC]|3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])[0-7][0-9a-fA-F](?=\\+x[0-7c-fC-F][0-9a-fA-F])"
    r"|(?<![0-9A-Za-z\\])\\+x(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])(?=\\+x[0-7c-fC-F][0-9a-fA-F])"
    r"|(?<=\\x[0-9abAB][0-9a-fA-F])\\+x(?!5[cC])[0-7][0-9a-fA-F]"
).format(r"\\+x[89abAB][0-9a-fA-F]", r"(?<!\\)\\+x")
"""The same in logs and in strings of programs, and all others in a row: alone they may be a part of a path.

A row of letters and digits does not begin behind another one, so that it is not glued to a value in clear.
"""
_OCTAL = (r"(?<!\\)\\+3(?:[0-3][0-7]{0}|[45][0-7](?:{0}){{2}}|6[0-4](?:{0}){{3}})").format(r"\\+2[0-7][0-7]")
"""Characters in UTF-8 as git writes them in names of files."""
_COLOUR = r"(?:\x1b|(?<!\\)\\+(?:x1[bB]|0?33|e|u001[bB]))(?:\[[0-9;?]{0,16}[A-Za-z]|[()][0-2AB])"
"""What colours the output of a terminal, or moves its cursor."""
_SHARE = re.compile(r"(?:^|[^0-9A-Za-z%])[0-9]{1,3}\Z")
"""A number that a sign of percent follows."""
_WHITE = r"(?<!\\)\\+[nrtfv0](?=[^A-Za-z\\]|[\w.+%-]{1,64}@|\Z)|(?<![A-Za-z0-9\\:.$~/_-])\\+[nrt]"
"""White space in a string of a program or of JSON; before a word, behind a word, it may be a part of a path."""
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0"
)
_JOINERS = "\u200d\ufe00-\ufe0f\U000e0000-\U000e0fff"
"""Characters that change how a sign beside them looks; beside others they are unseen."""
_HIDDEN = rf"(?<=[\w@.+-])[{_UNSEEN}{_JOINERS}]+(?=[\w@.+-])|[{_UNSEEN}]+"
_HAS_UNSEEN = re.compile(f"[{_UNSEEN}{_JOINERS}]")
_ESCAPE = re.compile(
    f"(?P<colour>{_COLOUR})|(?P<pair>{_PAIR})|(?P<unit>{_UNIT}|{_UNIT_OF_URL})|(?P<point>{_POINT})|(?P<decimal>{_DECIMAL})"
    f"|(?P<percent>{_PERCENT})|(?P<bytes>{_BYTES})|(?P<octal>{_OCTAL})|(?P<white>{_WHITE})|(?P<hidden>{_HIDDEN})"
)
_ESCAPE_OF_JSON = re.compile(f"{_PAIR}|{_UNIT}")
_HEXADECIMAL, _EIGHTS = re.compile("[x%](..)"), re.compile(r"[0-7]{3}")
_AFTER_BACKSLASH = re.compile("u[0-9a-fA-F]{4}")
_KEPT = frozenset("\"'\\")
"""Characters that would end a value, or a string of JSON, if they were not escaped; so would white space."""
_BETWEEN = "&"
"""What is read for white space and quotes in URLs, which may stand in a URL and ends other values."""
_PASSES = 16
"""How deep escapes of escapes are read."""

_Character = tuple[int, int, str]
"""Start and end of an escape, and the character that it stands for: none for what nobody sees."""


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text without escapes, and the `written` one.

    `starts` and `ends` say where each of its characters begins and ends there; they are empty without escapes.
    """

    text: Text = field(repr=False)
    written: Text = field(repr=False)
    starts: Sequence[int] = ()
    ends: Sequence[int] = ()

    @classmethod
    def of(cls, written: Text) -> "DecodedText":
        """Read the escapes of `written` once.

        What stands for a backslash stays, but in URLs, and so does what might be a part of a path.
        """
        found = list(_characters(written))
        if not found:
            return cls(written, written)
        starts, ends, end = array("Q"), array("Q"), 0
        for start, stop, char in [*found, (len(written), len(written), "")]:
            starts.extend(range(end, start))
            ends.extend(range(end + 1, start + 1))
            if char:
                starts.append(start)
                ends.append(stop)
            end = stop
        return cls(Text.of(_replaced(written, found)), written, starts, ends)

    @property
    def is_written(self) -> bool:
        """Whether the text is read as it is written."""
        return self.text is self.written

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from `start` to before `end`, one at least, are written."""
        return (start, end) if self.is_written else (self.starts[start], self.ends[end - 1])


def has_unseen(text: str) -> bool:
    """Whether the text has a character that nobody sees, or one that only changes how another looks."""
    return not text.isascii() and bool(_HAS_UNSEEN.search(text))


def decoded(text: str) -> str:
    """The text with characters in the place of their escapes."""
    return _replaced(text, _characters(text))


def _replaced(text: str, found: Iterable[_Character]) -> str:
    parts, end = list[str](), 0
    for start, stop, char in found:
        parts += (text[end:start], char)
        end = stop
    return "".join([*parts, text[end:]])


def unescaped(text: str) -> str:
    """The text with characters in the place of the escapes of JSON, and of escapes of escapes.

    What stands for no visible character, a quote or a backslash stays, unless the backslash begins another escape.
    """
    for _ in range(_PASSES):
        if (plain := _ESCAPE_OF_JSON.sub(_unescaped, text)) == text:
            break
        text = plain
    return text


def _unescaped(match: re.Match[str]) -> str:
    char = _of_units(*filter(None, match.groups()))
    begins_one = char == "\\" and _AFTER_BACKSLASH.match(match.string, match.end())
    return match[0][: _before(match[0])] + char if begins_one or _is_read(char) else match[0]


def _before(written: str) -> int:
    """How many backslashes at the beginning of an escape are no part of it.

    Each level of JSON doubles them: three are one that is escaped, and the escape, six are the same a level deeper.
    """
    slashes = len(written) - len(written.lstrip("\\"))
    return slashes - (slashes & -slashes)


def _of_units(first: str, second: str = "") -> str:
    """The character of a unit of UTF-16, or of a pair of surrogates."""
    if second:
        return chr(0x10000 + (int(first, 16) - 0xD800) * 0x400 + int(second, 16) - 0xDC00)
    return chr(int(first, 16))


def _characters(text: str) -> Iterator[_Character]:
    """What the escapes of a text stand for, in order; what stands for no character is none."""
    if not any(sign in text for sign in ("\\", "&#", "%", "\x1b")) and not has_unseen(text):
        return
    for match in _ESCAPE.finditer(text):
        start, end = match.span()
        if match.lastgroup not in ("white", "colour"):
            start += _before(match[0])
        char = _read(match)
        if _HAS_UNSEEN.fullmatch(char) or match.lastgroup == "hidden":
            yield start, end, ""
        elif char:
            yield start, end, char


def _read(match: re.Match[str]) -> str:
    """What is read for an escape: nothing where it is left as it is written."""
    numbers = list(filter(None, match.groups()))[1:]
    match match.lastgroup:
        case "pair" | "unit":
            return _seen(_of_units(*numbers))
        case "point":
            return _seen(_of_code(int(numbers[0], 16)))
        case "decimal":
            return _seen(_of_code(int(numbers[0])))
        case "percent":
            is_share = not match.string[match.end() : match.end() + 1].isascii() and _SHARE.search(
                match.string, max(0, match.start() - 4), match.start()
            )
            char = "" if is_share else _of_bytes(_HEXADECIMAL.findall(match[0]), 16)
            return _BETWEEN if char.isspace() or char in _KEPT else _seen(char)
        case "bytes":
            return _seen(_of_bytes(_HEXADECIMAL.findall(match[0]), 16))
        case "octal":
            return _seen(_of_bytes(_EIGHTS.findall(match[0]), 8))
        case "white" | "colour":
            return " "
    return ""


def _seen(char: str) -> str:
    """A character as it is read: a space for what parts words, nothing for a backslash and for half a character."""
    if char.isspace() or (char and category(char) == "Cc"):
        return " "
    return char if (char.isprintable() and char != "\\") or _HAS_UNSEEN.fullmatch(char) else ""


def _is_read(char: str) -> bool:
    return bool(char) and char.isprintable() and not char.isspace() and char not in _KEPT


def _of_bytes(numbers: Iterable[str], base: int) -> str:
    """The character of bytes of UTF-8, nothing where they are none."""
    return bytes(int(number, base) for number in numbers).decode("utf-8", errors="ignore")


def _of_code(code: int) -> str:
    """The character of a code point, nothing for half of a pair and what is none."""
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else ""
