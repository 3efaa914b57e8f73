"""Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from schemas.errors import DataError
from schemas.text.numbers import plain_number
from serving.redaction.documents.columns import Columns, not_text
from serving.redaction.documents.document import BATCH, Cell, Rewriter

_NOTES = (b"pandas", b"huggingface")
"""Metadata that says again of which type the columns are."""


@dataclass(frozen=True, slots=True)
class Parquet:
    """Parquet, of which the columns named `columns` are rewritten; other columns, types and metadata stay.

    A column of numbers becomes one of texts, and what pandas and datasets noted about the columns, which is wrong then,
    is dropped. A column of truth values is left alone.
    https://parquet.apache.org/docs/file-format/
    """

    columns: Columns

    def rewrite(self, source: Path, target: Path, rewriter: Rewriter) -> int:
        """As `DocumentFormat` has it; missing values, and those that are no number, are missing."""
        from pyarrow import parquet, record_batch

        with source.open("rb") as stream, target.open("wb") as out:
            with _readable(source):
                file = parquet.ParquetFile(stream)
            schema, indices = self.schema(file.schema_arrow, str(source))
            with parquet.ParquetWriter(out, schema) as writer:
                for batch in _batches(file, source):
                    arrays = list(batch.columns)
                    for index in indices:
                        arrays[index] = _rewritten(arrays[index], schema.field(index), rewriter, source)
                    writer.write_batch(record_batch(arrays, schema=schema))
            return int(file.metadata.num_rows)

    def schema(self, schema: Any, source: str) -> tuple[Any, list[int]]:
        """The schema as it is written, and which of its fields are redacted.

        Raises DataError, with `source`, for a column that is missing or holds neither texts nor numbers.
        """
        chosen = self.columns.chosen(schema.names, source)
        indices = [index for index, name in enumerate(schema.names) if name in chosen]
        types = schema.types
        for index in indices:
            schema = schema.set(index, _as_text(schema.field(index), source))
        if schema.types != types:
            kept = {key: value for key, value in (schema.metadata or {}).items() if key not in _NOTES}
            schema = schema.with_metadata(kept)
        return schema, indices


def _as_text(field: Any, source: str) -> Any:
    """The field as it is written. Raises DataError when it holds neither texts nor numbers nor truth values."""
    from pyarrow import string, types

    kind = field.type.value_type if types.is_dictionary(field.type) else field.type
    if is_text(field.type) or types.is_boolean(kind) or types.is_null(kind):
        return field
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return field.with_type(string()).with_nullable(True)  # what is no number will be missing
    raise not_text(field.name, f"values of type {kind}", source)


def is_text(kind: Any) -> bool:
    """Whether a column of the type `kind` holds texts."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def holds_texts(kind: Any) -> bool:
    """Whether values of the type `kind` of Arrow have texts, at any depth."""
    from pyarrow import BaseExtensionType, types

    if isinstance(kind, BaseExtensionType):
        return holds_texts(kind.storage_type)
    if types.is_dictionary(kind):
        return holds_texts(kind.value_type)
    return is_text(kind) or any(holds_texts(kind.field(index).type) for index in range(kind.num_fields))


def text_columns(source: Path) -> list[str]:
    """The names of the columns that hold texts.

    Raises DataError for a file that is not Parquet, and where there are texts in lists and the like.
    """
    from pyarrow import parquet

    with _readable(source):
        schema = parquet.read_schema(source)
    texts = [field for field in schema if holds_texts(field.type)]
    nested = next((field for field in texts if not is_text(field.type)), None)
    if nested is not None:
        told = f"the column {nested.name} holds texts in {nested.type}, which cannot be restored"
        raise DataError(f"{source}: {told}; name the columns to restore with --column")
    return [field.name for field in texts]


def _batches(file: Any, source: Path) -> Iterator[Any]:
    batches = file.iter_batches(BATCH)
    while True:
        with _readable(source):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


def _rewritten(array: Any, field: Any, rewriter: Rewriter, source: Path) -> Any:
    """The new values of `array`, the column `field`, in an array of its type."""
    from pyarrow import array as make
    from pyarrow import types

    if types.is_boolean(field.type) or types.is_null(field.type):
        return array
    with _readable(source):
        values = [text_value(value) for value in array.to_pylist()]
    rewritten = iter(rewriter.cells([Cell(0, len(value), value, field.name) for value in values if value is not None]))
    return make([None if value is None else next(rewritten) for value in values], field.type)


def text_value(value: object) -> str | None:
    """A value as people write it; None for one that is missing or no number."""
    if value is None or value != value:
        return None
    return value if isinstance(value, str) else plain_number(f"{value:f}" if isinstance(value, Decimal) else str(value))


@contextmanager
def _readable(source: Path) -> Iterator[None]:
    """Turn what goes wrong in reading into a DataError."""
    from pyarrow import ArrowException

    try:
        yield
    except (ArrowException, OSError, ValueError) as error:
        raise DataError(f"{source}: not a Parquet file, or a broken one ({type(error).__name__})") from None
