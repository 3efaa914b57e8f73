"""The table of findings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

_GROUP = 1 << 14
"""Rows that are written together."""
Finding = tuple[int, str, str, int, int, float, str, str, str | None]
"""Row, column, type, start, end, score, source, value and the key of the row."""


def findings_schema(values: bool) -> Any:
    """The schema of findings, with what was found and the keys of rows, which may be personal too, or without."""
    import pyarrow

    text = pyarrow.string()
    columns = {"file": text, "row": pyarrow.int64(), "column": text, "type": text, "start": pyarrow.int32()}
    columns |= {"end": pyarrow.int32(), "score": pyarrow.float64(), "source": text}
    return pyarrow.schema({**columns, "value": text, "key": text} if values else columns)


class FindingsWriter:
    """Writes findings in groups of rows."""

    def __init__(self, writer: Any, schema: Any) -> None:
        self._writer, self._schema = writer, schema
        self._waiting: list[Finding] = []
        self._batches: list[Any] = []

    def add(self, finding: Finding) -> None:
        """Write a finding of a part, whose file is not named yet."""
        self._waiting.append(finding)
        if len(self._waiting) == _GROUP:
            self.flush()

    def add_part(self, stream: BinaryIO, file: str, first: int) -> None:
        """Write the findings of a part as those of `file`, in which its first row is the number `first`."""
        from pyarrow import array, compute, parquet, record_batch

        for batch in parquet.ParquetFile(stream).iter_batches(_GROUP):
            _, rows, *others = batch.columns
            columns = [array([file] * batch.num_rows), compute.add(rows, first), *others]
            self._batches.append(record_batch(columns, schema=self._schema))
            if sum(waiting.num_rows for waiting in self._batches) >= _GROUP:
                self.flush()

    def flush(self) -> None:
        """Write what waits."""
        from pyarrow import Table, array, record_batch

        if self._waiting:
            columns = [[""] * len(self._waiting), *zip(*self._waiting, strict=True)]
            arrays = [array(column, field.type) for field, column in zip(self._schema, columns, strict=False)]
            self._batches.append(record_batch(arrays, schema=self._schema))
            self._waiting.clear()
        if self._batches:
            self._writer.write_table(Table.from_batches(self._batches, self._schema))
            self._batches.clear()


@contextmanager
def writing_findings(stream: BinaryIO, values: bool) -> Iterator[FindingsWriter]:
    """A writer of findings into `stream`."""
    from pyarrow import parquet

    schema = findings_schema(values)
    with parquet.ParquetWriter(stream, schema) as writer:
        findings = FindingsWriter(writer, schema)
        yield findings
        findings.flush()
