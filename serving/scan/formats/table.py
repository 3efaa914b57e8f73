"""Tables of databases, of which a part is a range of keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from schemas.errors import InvalidTextError
from serving.redaction.documents.document import BATCH, Cell, TextDocument
from serving.redaction.documents.json_lines import JsonLines, leaf_cells
from serving.redaction.documents.parquet import text_value
from serving.redaction.documents.text import PlainText
from serving.redaction.json_text import JsonError
from serving.scan.databases.columns import Column
from serving.scan.databases.connection import BrokenText
from serving.scan.databases.keys import key_text
from serving.scan.databases.tables import Table, opened
from serving.scan.formats.copies import joining_copies, writing_batches, written_schema
from serving.scan.formats.format import Join, Write
from serving.scan.parts import Chunk, Listing, Part, chosen_columns

_ROW = 256
"""Bytes that a row is taken for."""
_NO_KEY = "has no primary key that it can be cut by; it is read at once, in the order of all its values"
_TEXT, _JSON = PlainText(), JsonLines(None)


@dataclass(frozen=True, slots=True)
class Value:
    """A value that is read: its text, the cells in it, and what writes it with other ones."""

    text: str = field(repr=False)
    cells: list[Cell]
    document: TextDocument


@dataclass
class TableChunk(Chunk):
    """Rows: by their numbers the columns that are read, and as a copy has them the others, if there is one."""

    values: dict[int, list[Value | None]] = field(default_factory=dict, repr=False)
    arrays: dict[int, Any] = field(default_factory=dict, repr=False)


class TableFormat:
    """A `ScanFormat` of tables; their copies are Parquet."""

    def parts(self, file: int, path: str, ending: str, columns: Sequence[str], part_bytes: int) -> Listing:
        """As `ScanFormat` has it."""
        with opened(path) as (connection, table):
            chosen = _chosen(table, columns)
            _schema(table, columns)
            first = Part(file, 0, path, ending, 0, 1, 0, (), chosen, is_named=bool(columns))
            parts = [
                replace(first, index=index, start=index, end=index + 1, size=rows * _ROW, rows=rows, key_range=keys)
                for index, (keys, rows) in enumerate(table.ranges(connection, max(1, part_bytes // _ROW)))
            ]
        unread = () if columns else tuple(column.name for column in table.columns if not column.is_whole)
        return Listing(parts, unread, "" if table.key else _NO_KEY)

    def chunks(self, part: Part, whole: bool) -> Iterator[Chunk]:
        """As `ScanFormat` has it."""
        first = 0
        if part.limit != 0:
            with opened(part.path) as (connection, table):
                columns = [column for column in table.columns if whole or column.name in part.columns]
                for rows in table.rows(connection, columns, part.key_range, part.limit, BATCH):
                    yield _chunk(first, rows, len(table.key), columns, part, whole)
                    first += len(rows)
        yield Chunk(first if part.limit is None else part.rows or 0, [], part.columns)

    @contextmanager
    def copying(self, part: Part, stream: BinaryIO) -> Iterator[Write]:
        """As `ScanFormat` has it."""
        schema = _written(part.path, part.columns if part.is_named else ())
        with writing_batches(stream, schema) as write:
            yield lambda chunk, values: write(_rewritten(chunk, values, schema))

    @contextmanager
    def joining(self, parts: Sequence[Part], path: str, columns: Sequence[str], stream: BinaryIO) -> Iterator[Join]:
        """As `ScanFormat` has it; a table of which no part could be read has a copy without columns."""
        with joining_copies(stream, _no_columns() if parts else _written(path, columns)) as join:
            yield join


def _chosen(table: Table, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that are read: those named, or all that hold texts."""
    if columns:
        return chosen_columns(columns, [column.name for column in table.columns])
    return tuple(column.name for column in table.columns if column.is_read)


def _written(path: str, columns: Sequence[str]) -> Any:
    """The schema of a copy of the table at `path`."""
    with opened(path) as (_, table):
        return _schema(table, columns)


def _no_columns() -> Any:
    from pyarrow import schema

    return schema([])


def _schema(table: Table, columns: Sequence[str]) -> Any:
    """The schema of a copy, in which `columns` are texts; that of others stays."""
    from pyarrow import schema

    return written_schema(schema([(column.name, column.arrow) for column in table.columns]), columns)


def _chunk(
    first: int, rows: Sequence[Sequence[Any]], before: int, columns: Sequence[Column], part: Part, whole: bool
) -> TableChunk:
    """The chunk of `rows`, which begin with `before` values of the key; those of `columns` follow."""
    row_keys = [key_text(row[:before]) for row in rows] if before else []
    chunk = TableChunk(first, [], part.columns, row_keys=row_keys)
    for index, column in enumerate(columns):
        values = [row[before + index] for row in rows]
        if whole and not _is_rewritten(column, part):
            chunk.arrays[index] = _array(column, values, part, chunk.faults)
        else:
            chunk.values[index] = [_value(column, one, number, part, chunk.faults) for number, one in enumerate(values)]
    for number in range(len(rows)):
        read = () if number in chunk.faults else (values[number] for values in chunk.values.values())
        chunk.cells.append([cell for value in read if value is not None for cell in value.cells])
    return chunk


def _is_rewritten(column: Column, part: Part) -> bool:
    """Whether a copy has the column as redacted texts, instead of values of its own type."""
    from pyarrow import types

    is_text = types.is_string(column.arrow) or (part.is_named and not types.is_boolean(column.arrow))
    return column.name in part.columns and is_text


def _value(column: Column, value: Any, number: int, part: Part, faults: dict[int, str]) -> Value | None:
    """`value` as it is read, or None for none; `faults` gets the row `number` if it cannot be.

    Numbers have cells where a column was named, or where a copy has them as texts.
    """
    from pyarrow import types

    if isinstance(value, bytes):
        if isinstance(value, BrokenText) or not types.is_binary(column.arrow):
            faults[number] = f"the column {column.name} holds bytes that are no text"
        return None
    try:
        text = None if isinstance(value, bool) else text_value(value)
        if text is None:
            return None
        if column.is_json:
            return Value(text, list(_json_cells(column.name, text)), _JSON)
        is_read = part.is_named or isinstance(value, str) or types.is_string(column.arrow)
        return Value(text, [Cell(0, len(text), text, column.name)] if is_read else [], _TEXT)
    except (JsonError, InvalidTextError) as error:
        faults[number] = f"the column {column.name}: {error}"
        return None


def _json_cells(name: str, text: str) -> Iterator[Cell]:
    for cell in leaf_cells(text):
        dot = "." if cell.column and not cell.column.startswith("[") else ""
        yield Cell(cell.start, cell.end, cell.value, f"{name}{dot}{cell.column}")


def _array(column: Column, values: Sequence[Any], part: Part, faults: dict[int, str]) -> Any:
    """The values in Arrow; `faults` gets the rows whose value does not fit the type of the column."""
    from pyarrow import ArrowException, array

    try:
        if column.name not in part.columns or not any(isinstance(value, str | BrokenText) for value in values):
            return array(values, column.arrow)
    except (ArrowException, TypeError, ValueError, OverflowError):
        pass
    return array([_fitting(column, value, number, part, faults) for number, value in enumerate(values)], column.arrow)


def _fitting(column: Column, value: Any, number: int, part: Part, faults: dict[int, str]) -> Any:
    from pyarrow import ArrowException, array, types

    try:
        if column.name in part.columns and isinstance(value, str | BrokenText):
            raise TypeError  # a text that was asked for, where a copy can have none: Arrow would take it for bytes
        text = text_value(value) if types.is_string(column.arrow) else value
        return array([text], column.arrow)[0].as_py()
    except (ArrowException, TypeError, ValueError, OverflowError):
        faults[number] = f"the column {column.name} holds a value that does not fit its type"
        return None


def _rewritten(chunk: TableChunk, values: Sequence[Sequence[str]], schema: Any) -> Any:
    """The batch with other values in its cells, of the type `schema`."""
    from pyarrow import array, record_batch

    good = [number for number in range(len(chunk.cells)) if number not in chunk.faults]
    rows = {number: iter(values[number]) for number in good}
    arrays = {index: column.take(array(good, "int64")) for index, column in chunk.arrays.items()}
    for index, column in sorted(chunk.values.items()):
        texts = [_text(column[number], rows[number]) for number in good]
        arrays[index] = array(texts, schema.field(index).type)
    return record_batch([arrays[index] for index in sorted(arrays)], schema=schema)


def _text(value: Value | None, redacted: Iterator[str]) -> str | None:
    return None if value is None else value.document.rewritten(value.text, value.cells, redacted)
