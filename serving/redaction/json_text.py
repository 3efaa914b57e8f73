"""JSON as text whose strings and numbers are replaced where they stand; everything else stays as it is written."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]  # the C one where there is one

from schemas.errors import DataError
from schemas.text.text import is_text

Path = tuple[str | int, ...]
"""Where a value stands: names of fields and places in arrays, from the outside in."""

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CONSTANT = re.compile("true|false|null")
_ASCII_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}")
_EMBEDDED = 4
"""How deep JSON within strings of JSON is read."""
_DEEPEST, _DEEPEST_WITH_PATHS = 500, 100
"""How deep objects and arrays may nest, and where each leaf knows its path."""


class JsonError(DataError):
    """A text that is not JSON."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A string or a number at `[start, end)` of a JSON text.

    `value` is the string that is written there, or the number as it is written; `name` is that of the field that it
    stands in, itself or in an array. Where the string holds JSON itself, an object or an array, `inside` are the leaves
    of that. `path` is empty unless paths were asked for.
    """

    start: int
    end: int
    name: str | None = field(repr=False)
    value: str = field(repr=False)
    is_number: bool = False
    inside: "tuple[Leaf, ...] | None" = None
    path: Path = field(default=(), repr=False)


def leaves(text: str, *, paths: bool = False) -> list[Leaf]:
    """The strings and numbers of a JSON text, in order; names of fields are none.

    With `paths` each knows where it stands. Raises JsonError, with the position and no text, for anything that is not
    JSON (RFC 8259), and for JSON that nests deeper than 500 levels, or 100 with `paths`.
    """
    return _leaves(text, paths, 0)


def is_structure(text: str) -> bool:
    """Whether `text` is an object or an array of JSON."""
    return _inside(text, 0) is not None


def _leaves(text: str, paths: bool, depth: int) -> list[Leaf]:
    found: list[Leaf] = []
    for place in _places(text, _DEEPEST_WITH_PATHS if paths else _DEEPEST):
        is_number = place.value is None
        value = text[place.start : place.end] if place.value is None else place.value
        inside = None if is_number else _inside(value, depth)
        path = tuple(place.path) if paths else ()
        found.append(Leaf(place.start, place.end, place.name, value, is_number, inside, path))
    return found


def _inside(value: str, depth: int) -> tuple[Leaf, ...] | None:
    if depth == _EMBEDDED or value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return tuple(_leaves(value, False, depth + 1))
    except JsonError:
        return None


@dataclass(frozen=True, slots=True)
class _Place:
    """A string or a number: its span, the name of its field, its path, which changes afterwards, and its value.

    The value is None for a number.
    """

    start: int
    end: int
    name: str | None = field(repr=False)
    path: list[str | int] = field(repr=False)
    value: str | None = field(repr=False)


def _places(text: str, deepest: int) -> Iterator[_Place]:
    path: list[str | int] = []
    names: list[str | None] = [None]
    closers: list[str] = []
    at = _skip(text, 0)
    while True:
        char = text[at : at + 1]
        if char == "{" or char == "[":
            if len(closers) == deepest:
                raise JsonError(f"JSON that nests deeper than {deepest} levels")
            closers.append("}" if char == "{" else "]")
            at = _skip(text, at + 1)
            path.append(0)
            names.append(names[-1])
            if not text.startswith(closers[-1], at):
                if char == "{":
                    path[-1], at = _name(text, at)
                    names[-1] = str(path[-1])
                continue
        else:
            start = at
            if char == '"':
                value, at = _string(text, at)
                yield _Place(start, at, names[-1], path, value)
            elif match := _NUMBER.match(text, at):
                at = match.end()
                yield _Place(start, at, names[-1], path, None)
            elif match := _CONSTANT.match(text, at):
                at = match.end()
            else:
                raise _error(text, at)
        at = _skip(text, at)
        while closers and text.startswith(closers[-1], at):
            closers.pop()
            path.pop()
            names.pop()
            at = _skip(text, at + 1)
        if not closers:
            if at != len(text):
                raise _error(text, at)
            return
        if not text.startswith(",", at):
            raise _error(text, at)
        at = _skip(text, at + 1)
        if closers[-1] == "}":
            path[-1], at = _name(text, at)
            names[-1] = str(path[-1])
        else:
            path[-1] = int(path[-1]) + 1


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _name(text: str, at: int) -> tuple[str, int]:
    """The name of a field at `at`, and where its value begins."""
    if not text.startswith('"', at):
        raise _error(text, at)
    name, end = _string(text, at)
    end = _skip(text, end)
    if not text.startswith(":", end):
        raise _error(text, end)
    return name, _skip(text, end + 1)


def _string(text: str, at: int) -> tuple[str, int]:
    try:
        value, end = scanstring(text, at + 1, True)
    except json.JSONDecodeError:
        raise _error(text, at) from None
    return value, end


def _error(text: str, at: int) -> JsonError:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return JsonError(f"not JSON at line {line}, column {column}")


@dataclass(frozen=True, slots=True)
class Change:
    """What a leaf becomes: a string, or a number where `is_number`."""

    value: str = field(repr=False)
    is_number: bool = False


def flat(found: Iterable[Leaf]) -> Iterator[Leaf]:
    """The leaves, those with JSON inside replaced by what is inside."""
    for leaf in found:
        if leaf.inside is None:
            yield leaf
        else:
            yield from flat(leaf.inside)


def rewrite(text: str, found: Sequence[Leaf], changes: Iterator[Change | None]) -> str:
    """`text` with a change for each of its `flat` leaves in order; None leaves it as it is written."""
    ascii_only = bool(_ASCII_ESCAPE.search(text)) and text.isascii()
    parts: list[str] = []
    end = 0
    for leaf in found:
        if leaf.inside is None:
            change = next(changes)
        else:
            inner = rewrite(leaf.value, leaf.inside, changes)
            change = None if inner == leaf.value else Change(inner)
        if change is not None:
            escaped = ascii_only or not is_text(change.value)
            written = change.value if change.is_number else json.dumps(change.value, ensure_ascii=escaped)
            parts += [text[end : leaf.start], written]
            end = leaf.end
    return "".join([*parts, text[end:]])


def is_number(text: str) -> bool:
    """Whether `text` is a number as JSON writes it."""
    return _NUMBER.fullmatch(text) is not None
