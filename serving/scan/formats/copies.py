"""Redacted copies in Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO

from schemas.errors import DataError
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.parquet import Parquet
from serving.scan.formats.format import Join
from serving.scan.parts import ReadError

_GROUP = 1 << 14
"""Rows of a row group of a copy."""


def written_schema(schema: Any, columns: Sequence[str]) -> Any:
    """The schema of a copy in which `columns` are redacted; the same one where none is named, so that texts alone are.

    Raises ReadError for one of them that holds neither texts nor numbers.
    """
    if not columns:
        return schema
    try:
        return Parquet(Columns(columns)).schema(schema, "file")[0]
    except DataError as error:
        raise ReadError(str(error).removeprefix("file: ")) from None


@contextmanager
def writable_again() -> Iterator[None]:
    """Turn what Arrow cannot do with values that it read into a ReadError."""
    from pyarrow import ArrowException

    try:
        yield
    except ArrowException as error:
        raise ReadError(f"cannot be written again ({type(error).__name__})") from None


@contextmanager
def writing_batches(stream: BinaryIO, schema: Any) -> Iterator[Callable[[Any], None]]:
    """What writes record batches into `stream`, many in a row group."""
    from pyarrow import Table, parquet

    waiting: list[Any] = []

    def write(batch: Any) -> None:
        waiting.append(batch)
        if sum(batch.num_rows for batch in waiting) >= _GROUP:
            flush()

    def flush() -> None:
        if waiting:
            with writable_again():
                writer.write_table(Table.from_batches(waiting, schema))
            waiting.clear()

    with parquet.ParquetWriter(stream, schema) as writer:
        yield write
        flush()


@contextmanager
def joining_copies(stream: BinaryIO, schema: Any) -> Iterator[Join]:
    """What writes copies of parts into `stream` as one; theirs is the schema, or `schema` where there are none."""
    from pyarrow import parquet

    with ExitStack() as stack:
        writers: list[Any] = []

        def write_into(schema: Any) -> None:
            writers.append(stack.enter_context(parquet.ParquetWriter(stream, schema)))

        def join(copy: BinaryIO) -> None:
            file = parquet.ParquetFile(copy)
            if not writers:
                write_into(file.schema_arrow)
            for index in range(file.num_row_groups):
                writers[0].write_table(file.read_row_group(index))

        yield join
        if not writers:
            write_into(schema)
