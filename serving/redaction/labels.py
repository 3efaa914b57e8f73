"""Stand-ins in brackets, such as `[PERSON_NAME_1]`, and what language models make of them."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from schemas.taxonomy import EntityType
from schemas.text.fold import fold

_BETWEEN = r"(?:\\?[_ -]){1,3}"
"""What may stand between the numbers of a stand-in in square brackets."""
_JOINED = rf"(?:{_BETWEEN})?"
"""What may stand between its words."""
_ESCAPED = r"\\?_"
"""The same elsewhere."""
_PARTS = (
    r"(?P<number{n}>[0-9a-f]{{12}}|k[2-9b-z]{{5}}|[0-9]{{1,9}})(?:{between}(?P<form{n}>[0-9a-f]{{4}}|[0-9]{{1,9}}))?"
)
"""A number, a digest or a code, and a number or digest of a form."""

_BEGINNING = re.compile(r"\\?(?:[\[【〔](?P<inner>(?:[\w \\-])*))?|<?\{?(?:(?<![0-9A-Za-z_])(?P<bare>[\w\\]+)\}?)?")
"""What a stand-in may begin with, in brackets and without, as long as it may go on."""
_DIGITS = re.compile("[0-9a-zA-Z]*")
_CAPITALS = re.compile("[A-Z][A-Z0-9_]*")
_MOST = 10
"""Digits of a stand-in's number are fewer; a digest has more."""
_LONGEST = 64
"""Characters that a stand-in has at most beside those of its type."""

Label = tuple[int, int, list[str]]
"""The span of a stand-in in a text and its keys."""


def label(kind: EntityType, *parts: object) -> str:
    """The stand-in of a type and `parts`: a number or digest, and that of a form."""
    return f"[{'_'.join(map(str, (kind, *parts)))}]"


def label_number(stand_in: str, kind: EntityType) -> int:
    """The number of a value's first stand-in by `label`; 0 of another stand-in."""
    number = stand_in.removeprefix(f"[{kind}_").removesuffix("]")
    return int(number) if number.isdecimal() and number != stand_in and len(number) < _MOST else 0


def find_labels(text: str, kinds: frozenset[EntityType], start: int = 0) -> Iterator[Label]:
    r"""Find what can only be meant as stand-ins of these types, from left to right.

    Its keys are equal however it is written; the last one is that of all forms of its value. In square brackets of any
    script letter case, spaces, hyphens and backslashes play no part: `[person_name_1]`, `【PERSON NAME_1】`,
    `[PERSON\_NAME\_1]`. In other brackets and in none it stands in capitals: `PERSON_NAME_1`, `<PERSON_NAME_1>`. A
    type alone, `[PERSON_NAME]`, has lost its number and has no key. What stands before `start` is not searched, but it
    is seen: no stand-in begins within a word.
    """
    for match in _pattern(kinds).finditer(fold(text), start):
        found = match.groupdict()
        kind, number, form = (found[f"{name}1"] or found[f"{name}2"] for name in ("kind", "number", "form"))
        keys = [f"{''.join(filter(str.isalnum, kind))}_{number}"] if number else []
        keys = [f"{keys[0]}_{form}", *keys] if form else keys
        yield match.start(), match.end(), [key.casefold() for key in keys]


def open_label(text: str, kinds: frozenset[EntityType], start: int = 0) -> int:
    """Where the first part of `text` after `start` begins that more text might make a stand-in, or its length."""
    folded = fold(text)
    names = _names(kinds)
    first = max(start, len(text) - _LONGEST - max(map(len, names)))
    return next((at for at in range(first, len(text)) if _may_become_label(folded, at, names)), len(text))


def _may_become_label(folded: str, at: int, names: tuple[str, ...]) -> bool:
    """Whether `folded` from `at` to its end is a beginning of a stand-in, or a stand-in that could be longer."""
    match = _BEGINNING.fullmatch(folded, at)
    if match is None:
        return False
    if match["inner"] is None:
        return match["bare"] is None or _is_beginning(match["bare"], names, str)
    return _is_beginning(match["inner"], names, str.casefold)


def _is_beginning(text: str, names: tuple[str, ...], case: Callable[[str], str]) -> bool:
    written = case("".join(filter(str.isalnum, text)))
    for name in names:
        cased = case(name)
        if cased.startswith(written) or (written.startswith(cased) and _DIGITS.fullmatch(written, len(name))):
            return True
    return False


@lru_cache(32)
def _names(kinds: frozenset[EntityType]) -> tuple[str, ...]:
    """The names of the types without what is between their words."""
    return tuple("".join(filter(str.isalnum, kind)) for kind in sorted(kinds))


def label_keys(stand_in: str, kinds: frozenset[EntityType]) -> list[str]:
    """The keys of a whole `stand_in`; none where it is no label of these types."""
    found = next(find_labels(stand_in, kinds), None)
    return found[2] if found and found[:2] == (0, len(stand_in)) else []


@lru_cache(32)
def _pattern(kinds: frozenset[EntityType]) -> re.Pattern[str]:
    """What `find_labels` looks for in folded text."""
    by_length = sorted(kinds, key=len, reverse=True)
    loose, strict, capitals = (
        "|".join(between.join(map(re.escape, kind.split("_"))) for kind in by_length if fits(kind))
        for between, fits in ((_JOINED, bool), (_ESCAPED, bool), (_ESCAPED, _CAPITALS.fullmatch))
    )
    square = rf"(?P<escape>\\)?[\[【〔] ?(?P<kind1>{loose}){_JOINED}{_PARTS.format(n=1, between=_BETWEEN)} ?"
    bare = (
        rf"(?<![0-9A-Za-z_])(?P<kind2>{capitals}){_ESCAPED}{_PARTS.format(n=2, between=_ESCAPED)}(?![0-9A-Za-z_]|\\_)"
    )
    return re.compile(
        rf"(?i:{square})(?(escape)\\)[\]】〕]|\[(?:{strict})\]"
        rf"|(?P<angle><)?(?P<brace>\{{)?{bare}(?(brace)\}})(?(angle)>)"
    )
