"""The table of findings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

_GROUP = 1 << 14
"""Rows that are written together."""
Finding = tuple[str, int, str, str, int, int, float, str, str]
"""File, row, column, type, start, end, score, source and value."""


def findings_schema(values: bool) -> Any:
    """The schema of findings, with what was found or without."""
    import pyarrow

    text = pyarrow.string()
    columns = {"file": text, "row": pyarrow.int64(), "column": text, "type": text, "start": pyarrow.int32()}
    columns |= {"end": pyarrow.int32(), "score": pyarrow.float64(), "source": text}
    return pyarrow.schema({**columns, "value": text} if values else columns)


class FindingsWriter:
    """Writes findings in groups."""

    def __init__(self, writer: Any, schema: Any) -> None:
        self._writer, self._schema = writer, schema
        self._waiting: list[Finding] = []

    def add(self, finding: Finding) -> None:
        """Write one finding."""
        self._waiting.append(finding)
        if len(self._waiting) == _GROUP:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        from pyarrow import Table, array

        if self._waiting:
            columns = zip(self._schema, zip(*self._waiting, strict=True), strict=False)
            arrays = [array(column, field.type) for field, column in columns]
            self._writer.write_table(Table.from_arrays(arrays, schema=self._schema))
            self._waiting.clear()


@contextmanager
def writing_findings(stream: BinaryIO, values: bool) -> Iterator[FindingsWriter]:
    """A writer of findings into `stream`."""
    from pyarrow import parquet

    schema = findings_schema(values)
    with parquet.ParquetWriter(stream, schema) as writer:
        findings = FindingsWriter(writer, schema)
        yield findings
        findings.flush()


def read_findings(stream: BinaryIO) -> Iterator[Finding]:
    """The findings in a table, with empty values where it has none."""
    from pyarrow import parquet

    for batch in parquet.ParquetFile(stream).iter_batches(_GROUP):
        columns = [column.to_pylist() for column in batch.columns]
        if len(columns) == 8:
            columns.append([""] * batch.num_rows)
        yield from zip(*columns, strict=True)
