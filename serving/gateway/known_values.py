"""Values that were found in one text, looked for in the others that leave with it: each text is read once for all."""

import re
from collections.abc import Iterable, Iterator, Sequence
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

from schemas.formats.phone import without_country
from schemas.formats.registry import FORMATS
from schemas.taxonomy import EntityType
from schemas.text.beginnings import Beginnings
from schemas.text.borders import splits_word
from schemas.text.escapes import decoded
from schemas.text.fold import fold
from serving.redaction.linking import normal_form

_LEAST = 4
"""Characters of a value that is looked for; shorter ones are parts of many words."""
_LEAST_NUMBER = 8
"""Characters of the normal form of a number that is looked for with other separators."""
_LEAST_NAME = 2
_SEPARATORS = re.compile(
    r"(?<=[0-9A-Za-z])[ .,:/\\|_()\[\]【】、·・‧•∙⋅‐‒–—―−\-"
    r"\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}-\N{RIGHT-TO-LEFT MARK}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}]{1,4}"
    r"(?=[0-9A-Za-z])"
)
"""What may stand between the parts of a number in folded text."""

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


class Place(NamedTuple):
    """Where a value stands in a text."""

    start: int
    end: int
    value: str
    """As it was known, which may be written with other separators here."""


class KnownValues:
    """Values as they are written, and numbers by their normal forms."""

    def __init__(self, values: Iterable[tuple[EntityType, str]]) -> None:
        """Look for `values` of types, also without their escapes."""
        self._written, self._numbers = Beginnings(_LEAST), Beginnings(_LEAST)
        for kind, value in values:
            for form in (value, decoded(value)):
                if len(form) >= _LEAST:
                    self._written.add(form, value)
            for number in _numbers(kind, value) if kind in FORMATS else ():
                if _is_number(number):
                    self._numbers.add(number, value)

    def find(self, text: str) -> Iterator[Place]:
        """Where the values stand in `text` as words of their own, and of those that begin together the longest."""
        folded = fold(text)
        for start in self._written.starts(text):
            ends = ((start + len(form), form, value) for form, value in self._written.at(text, start))
            whole = [(end, value) for end, form, value in ends if _is_whole(folded, start, end, _is_number(form))]
            if whole:
                yield Place(start, *whole[-1])
        if self._numbers:
            yield from self._find_numbers(folded)

    def _find_numbers(self, folded: str) -> Iterator[Place]:
        at: list[int] = []
        end = 0
        for separator in _SEPARATORS.finditer(folded):
            at += range(end, separator.start())
            end = separator.end()
        at += range(end, len(folded))
        joined = _lowered("".join(folded[position] for position in at))
        for first in self._numbers.starts(joined):
            start = at[first]
            ends = ((at[first + len(number) - 1] + 1, value) for number, value in self._numbers.at(joined, first))
            whole = [(end, value) for end, value in ends if _is_whole(folded, start, end, True)]
            if whole:
                yield Place(_with_bracket(folded, start, whole[-1][0]), *whole[-1])


def _numbers(kind: EntityType, value: str) -> Iterator[str]:
    """The letters and digits of a value, of a phone number also as it is dialled in its country."""
    normal = normal_form(kind, value)
    number = _letters_and_digits(normal)
    yield from (_letters_and_digits(decoded(value)), number)
    number = number.partition("x")[0]
    if kind is EntityType.PHONE_NUMBER and normal.startswith("+") and number.isdecimal():
        national = without_country(number)
        yield from (number, national, f"0{national}")


def _letters_and_digits(value: str) -> str:
    return "".join(filter(str.isalnum, _lowered(fold(value))))


def _lowered(text: str) -> str:
    """With small letters of ASCII; others may be longer or shorter than the capital ones."""
    return text.translate(_LOWER)


def _with_bracket(folded: str, start: int, end: int) -> int:
    """Where a number begins: at the bracket before it where only the closing one stands in it."""
    closes = folded.find(")", start, end)
    opens = closes >= 0 and folded[start - 1 : start] == "(" and "(" not in folded[start:closes]
    return start - 1 if opens else start


def _is_number(value: str) -> bool:
    """Whether a value is as long as numbers that are looked for with other separators, and mostly digits."""
    return len(value) >= _LEAST_NUMBER and 2 * sum(map(str.isdecimal, value)) >= len(value)


class KnownNames:
    """Names by their first two characters."""

    def __init__(self, names: Iterable[str]) -> None:
        """Look for `names`, folded ones of two characters and more."""
        self._names = Beginnings(_LEAST_NAME)
        for name in names:
            self._names.add(name, name)

    def within(self, folded: str) -> Sequence[str]:
        """Those that stand somewhere in a folded text, each once."""
        if not self._names:
            return ()
        return list(dict.fromkeys(name for at in self._names.starts(folded) for name, _ in self._names.at(folded, at)))


def _is_whole(folded: str, start: int, end: int, is_number: bool) -> bool:
    """Whether what stands between `start` and `end` is words of its own; letters before a long number are others."""
    return not any(_goes_on(folded, border, is_number) for border in (start, end))


def _goes_on(folded: str, at: int, is_number: bool) -> bool:
    return splits_word(folded, at) and not (is_number and folded[at - 1].isdigit() != folded[at].isdigit())
