"""JSON Lines, of which fields are found as they stand in a line."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from schemas.errors import DataError, InvalidTextError
from schemas.text.text import check_text
from serving.redaction.documents.document import Cell, Record, TextDocument

_SPACE = re.compile(r"[ \t\n\r]*")
_ASCII_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class JsonLines(TextDocument):
    """One JSON object a line; cells are the strings of the top-level fields `columns`."""

    columns: Sequence[str]

    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """As `TextDocument` has it; empty lines have no cell, and neither has a field that is no string."""
        for number, line in enumerate(file, start=1):
            try:
                cells = [cell for key, cell in _fields(line) if key in self.columns]
                for cell in cells:
                    check_text(cell.value)
            except (ValueError, IndexError):
                raise DataError(f"{name}:{number}: not a JSON object") from None
            except InvalidTextError as error:
                raise DataError(f"{name}:{number}: {error}") from None
            yield line, cells

    def write(self, before: str, value: str) -> str:
        """As `TextDocument` has it; a cell that was written in ASCII stays so."""
        return json.dumps(value, ensure_ascii=bool(_ASCII_ESCAPE.search(before)))


def _fields(line: str) -> Iterator[tuple[str, Cell]]:
    """The top-level fields of an object whose values are strings. Raises ValueError or IndexError for anything else."""
    position = _skip(line, 0, "\ufeff")
    if position == len(line):
        return
    position = _after(line, position, "{")
    first = True
    while line[position] != "}":
        position = position if first else _after(line, position, ",")
        first = False
        key, position = _DECODER.raw_decode(line, position)
        start = _after(line, _skip(line, position), ":")
        value, end = _DECODER.raw_decode(line, start)
        if isinstance(key, str) and isinstance(value, str):
            yield key, Cell(start, end, value)
        position = _skip(line, end)
    if _skip(line, position + 1) != len(line):
        raise ValueError


def _skip(line: str, position: int, also: str = "") -> int:
    """The position after white space, and after any number of `also` before it."""
    while also and line.startswith(also, position):
        position += len(also)
    match = _SPACE.match(line, position)
    return match.end() if match else position


def _after(line: str, position: int, char: str) -> int:
    """The position after `char`, which must stand at `position`, and after the white space behind it."""
    if line[position] != char:
        raise ValueError
    return _skip(line, position + 1)
