"""JSON Lines, of which fields are found as they stand in a line."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TextIO

from schemas.errors import DataError, InvalidTextError
from schemas.text.text import check_text
from serving.redaction.documents.columns import Columns, not_text
from serving.redaction.documents.document import Cell, Record, TextDocument
from serving.redaction.json_text import JsonError, Leaf, Path, is_number, leaves

_SPACE = re.compile(r"[ \t\n\r]*")
_PATH = re.compile(r"[^.\[\]]+(?:\[(?:\*|[0-9]{1,9})\])*(?:\.[^.\[\]]+(?:\[(?:\*|[0-9]{1,9})\])*)*")
_STEP = re.compile(r"([^.\[\]]+)(?=[.\[]|$)|\[(\*|[0-9]+)\]")
_ASCII_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}")


class Number(str):
    """A number of JSON as it is written."""


class _Field(NamedTuple):
    """A field of an object, and where its value stands."""

    name: str
    start: int
    end: int
    value: Any


_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number)


@dataclass(frozen=True, slots=True)
class JsonLines(TextDocument):
    """One JSON object a line; cells are the strings and numbers of the fields `columns`.

    A column is a field of the object, or a path to what lies deeper: `messages[*].content`, `user.phones[0]`. A number
    that is redacted becomes a string, or with the operator surrogate another number. The constants true, false and null
    are left alone. Without `columns` all strings and numbers are cells, and their columns are paths with `[*]` for
    places of arrays.
    """

    newline: ClassVar[str] = "\n"

    columns: Columns | None

    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """As `TextDocument` has it; empty lines have no cell. A list or an object in a column is a DataError."""
        for number, line in enumerate(file, start=1):
            yield line, self.cells(line, f"{name}:{number}")

    def cells(self, line: str, place: str) -> list[Cell]:
        """The cells of the record `line` in order. Raises DataError, with `place`, for anything but an object."""
        try:
            return self._cells(line, place) if line.strip() else []
        except (JsonError, ValueError, IndexError, RecursionError):
            raise DataError(f"{place}: not a JSON object, or one that nests too deep") from None
        except InvalidTextError as error:
            raise DataError(f"{place}: {error}") from None

    def write(self, before: str, value: str) -> str:
        """As `TextDocument` has it; a cell that was written in ASCII stays so.

        A number stays one if it can, and a `Number` becomes one.
        """
        if isinstance(value, Number) or (is_number(value) and not before.startswith('"')):
            return value
        return json.dumps(value, ensure_ascii=bool(_ASCII_ESCAPE.search(before)))

    def _cells(self, line: str, place: str) -> list[Cell]:
        fields = list(_fields(line))
        if self.columns is None:
            return leaf_cells(line)
        names = {field.name for field in fields}
        paths = [column for column in self.columns.all if column not in names and _PATH.fullmatch(column)]
        found = leaves(line, paths=True) if paths else []
        deeper = {path: list(_cells_at(path, found, place)) for path in paths}
        chosen = self.columns.chosen([*names, *(path for path, cells in deeper.items() if cells)], place)
        cells = {cell.start: cell for field in fields if field.name in chosen for cell in _cell(field, place)}
        cells |= {cell.start: cell for path in chosen & deeper.keys() for cell in deeper[path]}
        return [cells[start] for start in sorted(cells)]


def leaf_cells(text: str) -> list[Cell]:
    """The cells of all strings and numbers of the JSON `text`; their columns are paths with `[*]` for places of arrays.

    Raises JsonError for a text that is not JSON, InvalidTextError for a string with a lone surrogate.
    """
    return [_leaf_cell(leaf, _written(leaf.path)) for leaf in leaves(text, paths=True)]


def _cells_at(path: str, found: Iterable[Leaf], place: str) -> Iterator[Cell]:
    """The strings and numbers among `found` at `path`; each `[*]` in it stands for all places of an array."""
    steps = [name or (number if number == "*" else int(number)) for name, number in _STEP.findall(path)]
    for leaf in found:
        if len(leaf.path) >= len(steps) and all(map(_is_step, steps, leaf.path)):
            if len(leaf.path) > len(steps):
                kind = "an object" if isinstance(leaf.path[len(steps)], str) else "a list"
                raise not_text(path, kind, place)
            yield _leaf_cell(leaf, path)


def _leaf_cell(leaf: Leaf, column: str) -> Cell:
    check_text(leaf.value)
    return Cell(leaf.start, leaf.end, leaf.value, column, leaf.is_number)


def _written(path: Path) -> str:
    """A path of `Leaf` as a column is named."""
    return "".join("[*]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _is_step(step: str | int, part: str | int) -> bool:
    return isinstance(part, int) if step == "*" else step == part


def _cell(field: _Field, place: str) -> Iterator[Cell]:
    """The cell of a field; none for a constant."""
    value = field.value
    if isinstance(value, list | dict):
        raise not_text(field.name, "a list" if isinstance(value, list) else "an object", place)
    if isinstance(value, str):
        check_text(value)
        yield Cell(field.start, field.end, value, field.name, isinstance(value, Number))


def _fields(line: str) -> Iterator[_Field]:
    """The top-level fields of an object. Raises ValueError, IndexError or RecursionError for anything else."""
    position = _after(line, _skip(line, 0), "{")
    first = True
    while line[position] != "}":
        position = position if first else _after(line, position, ",")
        first = False
        name, position = _DECODER.raw_decode(line, position)
        if not isinstance(name, str) or isinstance(name, Number):
            raise ValueError
        start = _after(line, _skip(line, position), ":")
        value, end = _DECODER.raw_decode(line, start)
        yield _Field(name, start, end, value)
        position = _skip(line, end)
    if _skip(line, position + 1) != len(line):
        raise ValueError


def _skip(line: str, position: int) -> int:
    """The position after white space."""
    match = _SPACE.match(line, position)
    return match.end() if match else position


def _after(line: str, position: int, char: str) -> int:
    """The position after `char`, which must stand at `position`, and after the white space behind it."""
    if line[position] != char:
        raise ValueError
    return _skip(line, position + 1)
