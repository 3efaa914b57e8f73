"""Tables: comma- and tab-separated values, and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from schemas.errors import DataError
from serving.redaction.documents.document import BATCH, Cell, Record, Redact, TextDocument


@dataclass(frozen=True, slots=True)
class Csv(TextDocument):
    """Comma-separated values (RFC 4180) under a header; cells are those of the columns named `columns`."""

    columns: Sequence[str]
    delimiter: str = ","

    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """As `TextDocument` has it; the header has no cell."""
        indices: list[int] | None = None
        for number, record in self._whole(file, name):
            try:
                cells = list(self._cells(record))
            except ValueError:
                raise DataError(f"{name}:{number}: has a quotation mark inside an unquoted cell") from None
            if indices is None:
                header = [cell.value.removeprefix("\ufeff") for cell in cells]
                missing = [column for column in self.columns if column not in header]
                if missing:
                    raise DataError(f"{name}: has no column {missing[0]}")
                indices = [index for index, title in enumerate(header) if title in self.columns]
                yield record, []
            elif record.strip("\r\n") and len(cells) <= indices[-1]:
                raise DataError(f"{name}:{number}: has only {len(cells)} cells")
            else:
                yield record, [cells[index] for index in indices] if record.strip("\r\n") else []

    def write(self, before: str, value: str) -> str:
        """As `TextDocument` has it; a cell gets quotes where it had them or needs them."""
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


@dataclass(frozen=True, slots=True)
class Parquet:
    """Parquet, of which the columns named `columns` are redacted; other columns, types and metadata stay.

    https://parquet.apache.org/docs/file-format/
    """

    columns: Sequence[str]

    def rewrite(self, source: Path, target: Path, redact: Redact) -> int:
        """As `DocumentFormat` has it; missing values stay missing."""
        import pyarrow
        from pyarrow import parquet

        try:
            file = parquet.ParquetFile(source)
        except pyarrow.ArrowInvalid:
            raise DataError(f"{source}: not a Parquet file") from None
        schema = file.schema_arrow
        for column in self.columns:
            kind = schema.field(column).type if column in schema.names else None
            if kind is None or not (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
                raise DataError(f"{source}: has no text column {column}")
        with file, parquet.ParquetWriter(target, schema) as writer:
            for batch in file.iter_batches(BATCH):
                arrays = {name: batch.column(name) for name in schema.names}
                for column in self.columns:
                    redacted = _redacted(arrays[column].to_pylist(), redact)
                    arrays[column] = pyarrow.array(redacted, schema.field(column).type)
                writer.write_batch(pyarrow.record_batch(list(arrays.values()), schema=schema))
            return int(file.metadata.num_rows)


def _redacted(values: Sequence[str | None], redact: Redact) -> list[str | None]:
    redacted = iter(redact([value for value in values if value is not None]))
    return [None if value is None else next(redacted) for value in values]
