"""The records of text files: how they are told apart, and which cells they have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import BinaryIO, Protocol

from schemas.errors import DataError
from serving.engines.named_values import LINES
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.document import Cell, TextDocument
from serving.redaction.documents.endings import DELIMITERS
from serving.redaction.documents.json_lines import JsonLines
from serving.redaction.documents.tables import Csv
from serving.redaction.documents.text import PlainText
from serving.scan.formats.cutting import cut_records
from serving.scan.parts import Part, ReadError

_PLACE = "record"
"""How documents call the record of an error."""
_NAMED = re.compile(rf"{_PLACE}(:\d+)?: ")
NOT_UTF8 = re.compile("[\udc80-\udcff]")
"""How Python reads bytes that are no UTF-8."""
_BLOCK = 1 << 20
"""Bytes that are read at once of a header."""
"""The column of a text file."""


class Records(Protocol):
    """The records of a part."""

    @property
    def document(self) -> TextDocument:
        """The document that writes them."""
        ...

    @property
    def found(self) -> tuple[str, ...]:
        """The columns that records had so far."""
        ...

    def split(self, text: str) -> Iterator[tuple[str, str]]:
        """The records of `text` as they are written, each with why it cannot be read, or nothing."""
        ...

    def cells(self, record: str) -> list[Cell]:
        """The cells that are read. Raises ReadError with the reason why there are none."""
        ...


class LineRecords:
    """A line of a text is a record with one cell."""

    def __init__(self, part: Part) -> None:
        self.document = PlainText()
        self.found = part.columns

    def split(self, text: str) -> Iterator[tuple[str, str]]:
        """As `Records` has it."""
        return _lines(text)

    def cells(self, record: str) -> list[Cell]:
        """As `Records` has it."""
        value = record.rstrip("\r\n")
        return [Cell(0, len(value), value, LINES)]


class JsonRecords:
    """A line of JSON Lines is a record."""

    def __init__(self, part: Part) -> None:
        self._columns = Columns((), part.columns) if part.columns else None
        self.document = JsonLines(self._columns)

    @property
    def found(self) -> tuple[str, ...]:
        """As `Records` has it."""
        columns = self._columns
        return () if columns is None else tuple(name for name in columns.all if name not in columns.missing)

    def split(self, text: str) -> Iterator[tuple[str, str]]:
        """As `Records` has it."""
        return _lines(text)

    def cells(self, record: str) -> list[Cell]:
        """As `Records` has it."""
        with _reason():
            return self.document.cells(record, _PLACE)


class CsvRecords:
    """The records of a table are those behind its header; quoted cells may have line breaks."""

    def __init__(self, part: Part) -> None:
        self.document = _table(part.ending)
        self._header, self.found = part.header, part.columns

    def split(self, text: str) -> Iterator[tuple[str, str]]:
        """As `Records` has it; all that stands behind a quote which is not closed is one record."""
        done = 0
        try:
            for _, record in self.document.whole_records(StringIO(text, newline=""), _PLACE):
                done += len(record)
                yield record, ""
        except DataError:
            rest = text[done:]
            yield rest, f"a quote is not closed, so {lines_in(rest)} lines cannot be told apart"

    def cells(self, record: str) -> list[Cell]:
        """As `Records` has it."""
        with _reason():
            return self.document.cells(record, self._header, self.found, _PLACE)


def no_header(stream: BinaryIO, start: int, ending: str) -> tuple[tuple[str, ...], int]:
    """The header of a file without one: no names, and its rows begin at `start`."""
    return (), start


def line_header(stream: BinaryIO, start: int, ending: str) -> tuple[tuple[str, ...], int]:
    """The name of the column of a text, whose rows begin at `start`."""
    return (LINES,), start


def csv_header(stream: BinaryIO, start: int, ending: str) -> tuple[tuple[str, ...], int]:
    """The names of the columns in the first record, which is at `start`, and where the rows behind it begin.

    Raises ReadError for a broken record, and for one that is not UTF-8.
    """
    first, end = next(cut_records(stream, start, _BLOCK), (start, start))
    stream.seek(first)
    text, table = stream.read(end - first).decode("utf-8", "surrogateescape"), _table(ending)
    with _reason():
        record = next((record for _, record in table.whole_records(StringIO(text, newline=""), _PLACE)), "")
        if NOT_UTF8.search(record):
            raise ReadError("its header is not UTF-8; save it as UTF-8")
        return tuple(table.header(record, _PLACE)) if record else (), start + len(record.encode())


def lines_in(record: str) -> int:
    """How many lines `record` has."""
    return record.removesuffix("\n").count("\n") + 1


def _table(ending: str) -> Csv:
    return Csv(Columns(()), DELIMITERS[ending])


def _lines(text: str) -> Iterator[tuple[str, str]]:
    return ((line, "") for line in StringIO(text, newline="\n"))


@contextmanager
def _reason() -> Iterator[None]:
    """Turn a DataError into a ReadError, which does not name the record."""
    try:
        yield
    except DataError as error:
        raise ReadError(_NAMED.sub("", str(error), count=1)) from None
