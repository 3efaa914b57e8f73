"""Values that were found in one text, looked for in the others that leave with it: each text is read once for all."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from schemas.formats.registry import FORMATS
from schemas.taxonomy import EntityType
from schemas.text.borders import splits_word
from schemas.text.escapes import decoded
from schemas.text.fold import fold
from serving.redaction.linking import normal_form

_LEAST = 4
"""Characters of a value that is looked for; shorter ones are parts of many words."""
_LEAST_NUMBER = 8
"""Characters of the normal form of a number that is looked for with other separators."""
_SEPARATORS = re.compile(
    r"(?<=[0-9A-Za-z])[ \N{NO-BREAK SPACE}.\N{HYPHEN}\N{NON-BREAKING HYPHEN}–—-]{1,2}(?=[0-9A-Za-z])"
)


_CHINA = "+86"


class Place(NamedTuple):
    """Where a value stands in a text."""

    start: int
    end: int
    value: str
    """As it was known, which may be written with other separators here."""


class KnownValues:
    """Values by their beginnings, and numbers by those of their normal forms."""

    def __init__(self, values: Iterable[tuple[EntityType, str]]) -> None:
        """Look for `values` of types, also without their escapes."""
        self._written: dict[str, dict[str, str]] = {}
        self._numbers: dict[str, dict[str, str]] = {}
        for kind, value in values:
            for form in (value, decoded(value)):
                if len(form) >= _LEAST:
                    self._written.setdefault(form[:_LEAST], {})[form] = value
            for number in _numbers(kind, value) if kind in FORMATS else ():
                if len(number) >= _LEAST_NUMBER and 2 * sum(map(str.isdecimal, number)) >= len(number):
                    self._numbers.setdefault(number[:_LEAST], {})[number] = value

    def find(self, text: str) -> Iterator[Place]:
        """Where the values stand in `text`; numbers with other separators only as words of their own."""
        for start in range(len(text) - _LEAST + 1):
            for form, value in self._written.get(text[start : start + _LEAST], {}).items():
                if text.startswith(form, start):
                    yield Place(start, start + len(form), value)
        if self._numbers:
            yield from self._find_numbers(fold(text))

    def _find_numbers(self, folded: str) -> Iterator[Place]:
        at: list[int] = []
        end = 0
        for separator in _SEPARATORS.finditer(folded):
            at += range(end, separator.start())
            end = separator.end()
        at += range(end, len(folded))
        joined = "".join(folded[position] for position in at).lower()
        for first in range(len(joined) - _LEAST_NUMBER + 1):
            for number, value in self._numbers.get(joined[first : first + _LEAST], {}).items():
                start, last = at[first], at[min(first + len(number), len(at)) - 1]
                if joined.startswith(number, first) and is_alone(folded, start, last + 1):
                    yield Place(start, last + 1, value)


def _numbers(kind: EntityType, value: str) -> set[str]:
    """The letters and digits of a value, of a phone number also without the country."""
    national = normal_form(kind, value).removeprefix(_CHINA)
    return {"".join(filter(str.isalnum, fold(form).lower())) for form in (decoded(value), national)}


class KnownNames:
    """Names by their first two characters."""

    def __init__(self, names: Iterable[str]) -> None:
        """Look for `names`, folded ones of two characters and more."""
        self._names: dict[str, list[str]] = {}
        for name in names:
            self._names.setdefault(name[:2], []).append(name)

    def within(self, folded: str) -> Sequence[str]:
        """Those that stand somewhere in a folded text, each once."""
        if not self._names:
            return ()
        begun = {at: self._names.get(folded[at : at + 2], ()) for at in range(len(folded) - 1)}
        return list(dict.fromkeys(name for at, names in begun.items() for name in names if folded.startswith(name, at)))


def is_alone(folded: str, start: int, end: int) -> bool:
    """Whether what stands between `start` and `end` is words of its own."""
    return not splits_word(folded, start) and not splits_word(folded, end)
