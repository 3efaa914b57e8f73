"""Finds the cells of records as they stand in a file, so that all else can be kept character by character."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from schemas.errors import DataError, InvalidTextError
from schemas.spans.entity import check_text

_SPACE = re.compile(r"[ \t\n\r]*")
_ASCII_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell at `[start, end)` of its record as written, and its value, which stays out of `repr`."""

    start: int
    end: int
    value: str = field(repr=False)


Record = tuple[str, list[Cell]]
"""A record as written, its line break included, and its chosen cells in order."""


class Layout(Protocol):
    """How records lie in a file."""

    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """Yield the records of `file`, which was opened with newline="". Raises DataError, with `name` and line."""
        ...

    def write(self, before: str, value: str) -> str:
        """`value` as a cell that was written as `before`."""
        ...


class WholeText:
    """One record with one cell: the text."""

    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """As `Layout` has it."""
        text = file.read()
        yield text, [Cell(0, len(text), text)]

    def write(self, before: str, value: str) -> str:
        """As `Layout` has it."""
        return value


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON object a line; cells are the strings of the top-level fields `columns`."""

    columns: Sequence[str]

    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """As `Layout` has it; empty lines have no cell, and neither has a field that is no string."""
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
        """As `Layout` has it; a cell that was written in ASCII stays so."""
        return json.dumps(value, ensure_ascii=bool(_ASCII_ESCAPE.search(before)))


def _fields(line: str) -> Iterator[tuple[str, Cell]]:
    """The top-level fields of an object whose values are strings. Raises ValueError or IndexError for anything else."""
    at = _skip(line, 0, "\ufeff")
    if at == len(line):
        return
    at = _after(line, at, "{")
    first = True
    while line[at] != "}":
        at = at if first else _after(line, at, ",")
        first = False
        key, at = _DECODER.raw_decode(line, at)
        start = _after(line, _skip(line, at), ":")
        value, at = _DECODER.raw_decode(line, start)
        if isinstance(key, str) and isinstance(value, str):
            yield key, Cell(start, at, value)
        at = _skip(line, at)
    if _skip(line, at + 1) != len(line):
        raise ValueError


def _skip(line: str, at: int, also: str = "") -> int:
    while also and line.startswith(also, at):
        at += len(also)
    match = _SPACE.match(line, at)
    return match.end() if match else at


def _after(line: str, at: int, char: str) -> int:
    """The place after `char`, which must stand at `at`, and after the white space behind it."""
    if line[at] != char:
        raise ValueError
    return _skip(line, at + 1)


@dataclass(frozen=True, slots=True)
class Csv:
    """Comma-separated values (RFC 4180) under a header; cells are those of the columns named `columns`."""

    columns: Sequence[str]
    delimiter: str = ","

    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """As `Layout` has it; the header has no cell."""
        places: list[int] | None = None
        for number, record in self._whole(file, name):
            try:
                cells = list(self._cells(record))
            except ValueError:
                raise DataError(f"{name}:{number}: a quote where none may be") from None
            if places is None:
                header = [cell.value.removeprefix("\ufeff") for cell in cells]
                missing = [column for column in self.columns if column not in header]
                if missing:
                    raise DataError(f"{name}: has no column {missing[0]}")
                places = [at for at, title in enumerate(header) if title in self.columns]
                yield record, []
            elif record.strip("\r\n") and len(cells) <= places[-1]:
                raise DataError(f"{name}:{number}: has {len(cells)} cells, too few")
            else:
                yield record, [cells[at] for at in places] if record.strip("\r\n") else []

    def write(self, before: str, value: str) -> str:
        """As `Layout` has it; a cell gets quotes where it had them or needs them."""
        if before.startswith('"') or any(char in value for char in f'{self.delimiter}"\r\n'):
            return '"' + value.replace('"', '""') + '"'
        return value

    def _whole(self, file: TextIO, name: str) -> Iterator[tuple[int, str]]:
        """Records and the lines where they begin: lines up to the one that closes all quotes."""
        parts: list[str] = []
        first = quotes = 0
        for number, line in enumerate(file, start=1):
            first = first if parts else number
            parts.append(line)
            quotes += line.count('"')
            if quotes % 2 == 0:
                yield first, "".join(parts)
                parts, quotes = [], 0
        if parts:
            raise DataError(f"{name}:{first}: a quote is not closed")

    def _cells(self, record: str) -> Iterator[Cell]:
        """The cells of a record. Raises ValueError for a quote in a cell without quotes, and for text behind one."""
        at = 0
        body = len(record.rstrip("\r\n"))
        while at <= body:
            if record.startswith('"', at):
                end = self._quote_end(record, at)
                value = record[at + 1 : end - 1].replace('""', '"')
            else:
                found = record.find(self.delimiter, at, body)
                end = found if found >= 0 else body
                value = record[at:end]
                if '"' in value:
                    raise ValueError
            if end < body and record[end] != self.delimiter:
                raise ValueError
            yield Cell(at, end, value)
            at = end + 1

    @staticmethod
    def _quote_end(record: str, at: int) -> int:
        """The place after the quote that closes the one at `at`."""
        end = at + 1
        while True:
            end = record.index('"', end) + 1
            if not record.startswith('"', end):
                return end
            end += 1
