"""Comma- and tab-separated values."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from schemas.errors import DataError
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.document import Cell, Record, Rewriter, TextDocument


@dataclass(frozen=True, slots=True)
class Csv(TextDocument):
    """Comma-separated values (RFC 4180) under a header; cells are those of the columns named `columns`."""

    columns: Columns
    delimiter: str = ","

    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """As `TextDocument` has it; the header and empty lines have no cell."""
        header: list[str] = []
        chosen: set[str] = set()
        for number, record in self.whole_records(file, name):
            place = f"{name}:{number}"
            if header:
                yield record, self.cells(record, header, chosen, place)
            else:
                header = self.header(record, place)
                chosen = self.columns.chosen(header, place)
                yield record, []

    def rewrite(self, source: Path, target: Path, rewriter: Rewriter) -> int:
        """As `DocumentFormat` has it; the header is no record."""
        return max(TextDocument.rewrite(self, source, target, rewriter) - 1, 0)

    def rewritten_records(self, file: TextIO, name: str, rewriter: Rewriter) -> Iterator[str]:
        """As `TextDocument` has it. Raises DataError for a first row of data, which would stay as it is."""
        records = self.records(file, name)
        first = list(islice(records, 1))
        for record, _ in first:
            names = self.header(record, place := f"{name}:1")
            if not any(names):
                raise DataError(f"{place}: is empty; the first row must name the columns")
            for number in rewriter.data_in(names, not set(names).isdisjoint(self.columns.all)):
                raise DataError(f"{place}: cell {number + 1} looks like data; the first row must name the columns")
        return self.rewritten_batches(chain(first, records), rewriter)

    def header(self, record: str, place: str) -> list[str]:
        """The names of the columns in the first record. Raises DataError, with `place`, for a broken one."""
        return [cell.value for cell in self._read(record, place)]

    def cells(self, record: str, header: Sequence[str], chosen: Collection[str], place: str) -> list[Cell]:
        """The cells of `record` in the `chosen` ones of the columns `header`; none for an empty line.

        Raises DataError, with `place`, for a record that does not fit the header.
        """
        if not record.strip("\r\n"):
            return []
        cells = self._read(record, place)
        if len(cells) != len(header):
            fault = f"has {len(cells)} cells under {len(header)} columns; quote cells that hold a {self._delimiter}"
            raise DataError(f"{place}: {fault} or a line break")
        return [_plain(cell, title) for cell, title in zip(cells, header, strict=True) if title in chosen]

    def write(self, before: str, value: str) -> str:
        """As `TextDocument` has it; a cell gets quotes where it had them or needs them."""
        if before.startswith('"') or any(char in value for char in f'{self.delimiter}"\r\n'):
            return '"' + value.replace('"', '""') + '"'
        return value

    @property
    def _delimiter(self) -> str:
        return {"\t": "tab", ",": "comma"}.get(self.delimiter, self.delimiter)

    def whole_records(self, file: TextIO, name: str) -> Iterator[tuple[int, str]]:
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

    def _read(self, record: str, place: str) -> list[Cell]:
        try:
            return list(self._cells(record))
        except ValueError:
            raise DataError(f"{place}: has a quotation mark inside an unquoted cell") from None

    def _cells(self, record: str) -> Iterator[Cell]:
        """The cells of a record. Raises ValueError for a quote in a cell without quotes, and for text behind one."""
        start = 0
        body = len(record.rstrip("\r\n"))
        while start <= body:
            if record.startswith('"', start):
                end = self._quote_end(record, start)
                value = record[start + 1 : end - 1].replace('""', '"')
            else:
                delimiter = record.find(self.delimiter, start, body)
                end = delimiter if delimiter >= 0 else body
                value = record[start:end]
                if '"' in value:
                    raise ValueError
            if end < body and record[end] != self.delimiter:
                raise ValueError
            yield Cell(start, end, value)
            start = end + 1

    @staticmethod
    def _quote_end(record: str, start: int) -> int:
        """The position after the quote that closes the one at `start`."""
        end = start + 1
        while True:
            end = record.index('"', end) + 1
            if not record.startswith('"', end):
                return end
            end += 1


class AnyCsv(Csv):
    """Separated values as people and models write them: all cells are read, those of the first row among them.

    Rows may have any number of cells.
    """

    def rewritten_records(self, file: TextIO, name: str, rewriter: Rewriter) -> Iterator[str]:
        """As `TextDocument` has it."""
        return TextDocument.rewritten_records(self, file, name, rewriter)

    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """As `TextDocument` has it."""
        for number, record in self.whole_records(file, name):
            yield record, self._read(record, f"{name}:{number}") if record.strip("\r\n") else []


def _plain(cell: Cell, column: str) -> Cell:
    return replace(cell, column=column)
