"""Parquet files, of which a part is a row group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from serving.redaction.documents.document import BATCH, Cell
from serving.redaction.documents.parquet import is_text, text_value
from serving.scan.formats.copies import joining_copies, writing_batches, written_schema
from serving.scan.formats.format import Join, Write
from serving.scan.parts import Chunk, Listing, Part, ReadError, chosen_columns
from serving.scan.storage import open_file

_BUFFER = 1 << 20
"""Bytes of a column that are read at once."""
_NOT_UTF8 = "not UTF-8"


@dataclass
class ParquetChunk(Chunk):
    """Rows, the record batch with them, and the values of the columns that are read, by their numbers."""

    batch: Any = field(default=None, repr=False)
    values: dict[int, list[str | None]] = field(default_factory=dict, repr=False)


class ParquetFormat:
    """A `ScanFormat`; columns without a name of their own are read where they hold texts."""

    def parts(self, file: int, path: str, ending: str, columns: Sequence[str], part_bytes: int) -> Listing:
        """As `ScanFormat` has it."""
        with _opened(path) as source:
            schema, metadata = source.schema_arrow, source.metadata
            chosen = _chosen(schema, columns)
            written_schema(schema, chosen)
            groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
            parts = [
                Part(file, index, path, ending, index, index + 1, group.total_byte_size, (), chosen, group.num_rows)
                for index, group in enumerate(groups)
            ]
            return Listing(parts, () if columns else tuple(name for name in schema.names if name not in chosen))

    def chunks(self, part: Part, whole: bool) -> Iterator[Chunk]:
        """As `ScanFormat` has it."""
        by_name = not whole and not any("." in name for name in part.columns)  # a dot would be a path to pyarrow
        columns = list(part.columns) if by_name else None
        first, limit = 0, part.rows if part.limit is None else part.limit
        with _opened(part.path) as source:
            for batch in source.iter_batches(BATCH, row_groups=[part.start], columns=columns):
                batch = batch.slice(0, (limit or 0) - first)
                if batch.num_rows:
                    yield _chunk(first, batch, part)
                first += batch.num_rows
                if first == limit:
                    break
        yield Chunk(part.rows or 0, [], part.columns)

    @contextmanager
    def copying(self, part: Part, stream: BinaryIO) -> Iterator[Write]:
        """As `ScanFormat` has it."""
        with _opened(part.path) as source:
            schema = written_schema(source.schema_arrow, part.columns)
        with writing_batches(stream, schema) as write:
            yield lambda chunk, values: write(_rewritten(chunk, values, schema))

    @contextmanager
    def joining(self, parts: Sequence[Part], path: str, columns: Sequence[str], stream: BinaryIO) -> Iterator[Join]:
        """As `ScanFormat` has it."""
        with _opened(path) as source:
            schema = source.schema_arrow
        with joining_copies(stream, written_schema(schema, _chosen(schema, columns))) as join:
            yield join


def _chosen(schema: Any, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that are read: those named, or all that hold texts."""
    texts = [column.name for column in schema if is_text(column.type)]
    return chosen_columns(columns, schema.names) if columns else tuple(dict.fromkeys(texts))


@contextmanager
def _opened(path: str) -> Iterator[Any]:
    """The Parquet file; what goes wrong in reading it is a ReadError."""
    from pyarrow import ArrowException, parquet

    with open_file(path) as stream:
        try:
            yield parquet.ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False)  # or it reads whole columns
        except (ArrowException, OSError, ValueError) as error:
            raise ReadError(f"not a Parquet file, or a broken one ({type(error).__name__})") from None


def _chunk(first: int, batch: Any, part: Part) -> ParquetChunk:
    from pyarrow import types

    chunk = ParquetChunk(first, [[] for _ in range(batch.num_rows)], part.columns, batch=batch)
    for index, column in enumerate(batch.schema):
        if column.name not in part.columns or types.is_boolean(column.type) or types.is_null(column.type):
            continue
        chunk.values[index] = _values(batch.column(index), chunk.faults)
        for cells, value in zip(chunk.cells, chunk.values[index], strict=True):
            if value is not None:
                cells.append(Cell(0, len(value), value, column.name))
    for number in chunk.faults:
        chunk.cells[number] = []
    return chunk


def _values(array: Any, faults: dict[int, str]) -> list[str | None]:
    """The values of `array` as texts; `faults` gets the rows in which there is none to read."""
    try:
        return [text_value(value) for value in array.to_pylist()]
    except UnicodeDecodeError:
        return [_value(scalar, number, faults) for number, scalar in enumerate(array)]


def _value(scalar: Any, number: int, faults: dict[int, str]) -> str | None:
    try:
        return text_value(scalar.as_py())
    except UnicodeDecodeError:
        faults[number] = _NOT_UTF8
        return None


def _rewritten(chunk: ParquetChunk, values: Sequence[Sequence[str]], schema: Any) -> Any:
    """The batch with other values, of the type `schema`."""
    from pyarrow import array, record_batch

    good = [number for number in range(len(chunk.cells)) if number not in chunk.faults]
    rows = {number: iter(values[number]) for number in good}
    arrays = [column if len(good) == len(chunk.cells) else column.take(array(good, "int64")) for column in chunk.batch]
    for index, texts in sorted(chunk.values.items()):
        written = [None if texts[number] is None else next(rows[number]) for number in good]
        arrays[index] = array(written, schema.field(index).type)
    return record_batch(arrays, schema=schema)
