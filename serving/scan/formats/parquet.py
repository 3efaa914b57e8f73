"""Parquet files, of which a part is a row group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, BinaryIO

from serving.redaction.documents.document import BATCH, Cell
from serving.redaction.documents.parquet import holds_texts, is_text, text_value
from serving.scan.formats.copies import joining_copies, writable_again, writing_batches, written_schema
from serving.scan.formats.format import Join, Write
from serving.scan.formats.nested import is_nested_text, texts_of, unread_places, with_texts
from serving.scan.parts import Chunk, Listing, Part, ReadError, chosen_columns
from serving.scan.storage import open_file

_BUFFER = 1 << 20
"""Bytes of a column that are read at once."""
_NOT_UTF8 = "not UTF-8"


@dataclass
class ParquetChunk(Chunk):
    """Rows, the record batch with them, and the values of the columns that are read, by their numbers.

    A value is a text, or a list, dict or tuple with texts.
    """

    batch: Any = field(default=None, repr=False)
    values: dict[int, list[Any]] = field(default_factory=dict, repr=False)


class ParquetFormat:
    """A `ScanFormat`; where no column is named, those are read that hold texts, also within lists, structs and maps."""

    def parts(self, file: int, path: str, ending: str, columns: Sequence[str], part_bytes: int) -> Listing:
        """As `ScanFormat` has it."""
        with _opened(path) as source:
            schema, metadata = source.schema_arrow, source.metadata
            chosen = _chosen(schema, columns)
            _written(schema, chosen)
            groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
            parts = [
                Part(file, index, path, ending, index, index + 1, group.total_byte_size, (), chosen, group.num_rows)
                for index, group in enumerate(groups)
            ]
            left = [name for name in schema.names if name not in chosen and not columns]
            within = (unread_places(one.type, one.name) for one in schema if one.name in chosen and one.type.num_fields)
            return Listing(parts, (*left, *chain.from_iterable(within)))

    def chunks(self, part: Part, whole: bool) -> Iterator[Chunk]:
        """As `ScanFormat` has it."""
        by_name = not whole and not any("." in name for name in part.columns)  # a dot would be a path to pyarrow
        columns = list(part.columns) if by_name else None
        first, rows = 0, part.rows or 0
        with _opened(part.path) as source:
            for batch in source.iter_batches(BATCH, row_groups=[part.start], columns=columns):
                batch = batch.slice(0, None if part.limit is None else part.limit - first)
                if batch.num_rows:
                    yield _chunk(first, batch, part)
                first += batch.num_rows
                if first == part.limit:
                    break
        if first != (rows if part.limit is None else min(rows, part.limit)):
            raise ReadError(f"has {first} rows instead of {rows}, which the end of the file names")
        yield Chunk(rows, [], part.columns)

    @contextmanager
    def copying(self, part: Part, stream: BinaryIO) -> Iterator[Write]:
        """As `ScanFormat` has it."""
        with _opened(part.path) as source:
            schema = _written(source.schema_arrow, part.columns)
        with writing_batches(stream, schema) as write:
            yield lambda chunk, values: write(_rewritten(chunk, values, schema))

    @contextmanager
    def joining(self, parts: Sequence[Part], path: str, columns: Sequence[str], stream: BinaryIO) -> Iterator[Join]:
        """As `ScanFormat` has it."""
        with _opened(path) as source:
            schema = source.schema_arrow
        with joining_copies(stream, _written(schema, _chosen(schema, columns))) as join:
            yield join


def _chosen(schema: Any, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that are read: those named, or all that hold texts. Raises ReadError where one of these cannot be."""
    if columns:
        return chosen_columns(columns, schema.names)
    texts = [column for column in schema if holds_texts(column.type)]
    if unreadable := [one.name for one in texts if not is_text(one.type) and not is_nested_text(one.type)]:
        numbers = ", ".join(str(schema.get_field_index(name) + 1) for name in unreadable)  # a name may be personal
        raise ReadError(f"has columns whose texts cannot be read (number {numbers}); name others with --column")
    return tuple(dict.fromkeys(column.name for column in texts))


def _written(schema: Any, columns: Sequence[str]) -> Any:
    """The schema of a copy in which `columns` are redacted; types with texts within them stay."""
    nested = {column.name for column in schema if is_nested_text(column.type)}
    return written_schema(schema, [name for name in columns if name not in nested])


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
            cells += [Cell(0, len(text), text, name) for name, text in texts_of(value, column.name)]
    for number in chunk.faults:
        chunk.cells[number] = []
    return chunk


def _values(array: Any, faults: dict[int, str]) -> list[Any]:
    """The values of `array`, those without parts as texts; `faults` gets the rows in which there is none to read."""
    try:
        return [_text(value) for value in array.to_pylist()]
    except UnicodeDecodeError:
        return [_value(scalar, number, faults) for number, scalar in enumerate(array)]


def _text(value: Any) -> Any:
    return value if isinstance(value, list | dict) else text_value(value)


def _value(scalar: Any, number: int, faults: dict[int, str]) -> Any:
    try:
        return _text(scalar.as_py())
    except UnicodeDecodeError:
        faults[number] = _NOT_UTF8
        return None


def _rewritten(chunk: ParquetChunk, values: Sequence[Sequence[str]], schema: Any) -> Any:
    """The batch with other values, of the type `schema`."""
    from pyarrow import array, record_batch

    good = [number for number in range(len(chunk.cells)) if number not in chunk.faults]
    rows = {number: iter(values[number]) for number in good}
    is_whole = len(good) == len(chunk.cells)
    with writable_again():
        arrays = [column if is_whole else column.take(array(good, "int64")) for column in chunk.batch]
        for index, found in sorted(chunk.values.items()):
            written = [with_texts(found[number], rows[number]) for number in good]
            arrays[index] = array(written, schema.field(index).type)
        return record_batch(arrays, schema=schema)
