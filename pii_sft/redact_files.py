"""Redacts files: whole texts, and columns of JSON Lines, CSV, TSV and Parquet; everything else stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from schemas.errors import DataError
from schemas.files import replacing
from serving.redaction.documents.cells import Csv, JsonLines, Layout, Record, WholeText

Redact = Callable[[Sequence[str]], list[str]]
"""Redacted texts, in order."""

_TEXTS = frozenset({".txt", ".md", ".log"})
_TABLES = frozenset({".jsonl", ".ndjson", ".csv", ".tsv", ".parquet"})
_BATCH = 256


def redact_file(source: Path, target: Path, columns: Sequence[str], redact: Redact) -> int:
    """Write `source` to `target` with redacted cells, and return the number of records.

    What a file is follows from its ending: .txt .md .log are one text; .jsonl .ndjson .csv .tsv and .parquet are
    tables, of which the `columns` are redacted. `target` appears whole or not at all. Raises DataError, with file and
    line, for a file that is not what its ending says, lacks a column, or has an ending of none of these.
    """
    layout = _layout(source, columns)
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as partial:
        if layout is None:
            return _parquet(source, partial, columns, redact)
        return _lines(source, partial, layout, redact)


def files_in(folder: Path) -> list[Path]:
    """The files under `folder` that `redact_file` takes, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in _TEXTS | _TABLES)


def _layout(source: Path, columns: Sequence[str]) -> Layout | None:
    """The layout of the file; None is Parquet."""
    ending = source.suffix.lower()
    if ending in _TABLES and not columns:
        raise DataError(f"{source}: which columns? name them with --column")
    if ending in (".jsonl", ".ndjson"):
        return JsonLines(columns)
    if ending in (".csv", ".tsv"):
        return Csv(columns, "\t" if ending == ".tsv" else ",")
    if ending == ".parquet":
        return None
    if ending in _TEXTS:
        return WholeText()
    raise DataError(f"{source}: files end in {', '.join(sorted(_TEXTS | _TABLES))}")


def _lines(source: Path, target: Path, layout: Layout, redact: Redact) -> int:
    count = 0
    try:
        with source.open(encoding="utf-8", newline="") as file, target.open("w", encoding="utf-8", newline="") as out:
            records = layout.records(file, str(source))
            while batch := list(islice(records, _BATCH)):
                out.writelines(_redacted(batch, layout, redact))
                count += len(batch)
    except UnicodeDecodeError:
        raise DataError(f"{source}: not UTF-8 near record {count + 1}") from None
    return count


def _redacted(batch: Iterable[Record], layout: Layout, redact: Redact) -> Iterator[str]:
    listed = list(batch)
    values = iter(redact([cell.value for _, cells in listed for cell in cells]))
    for record, cells in listed:
        end = 0
        parts: list[str] = []
        for cell in cells:
            value = next(values)
            before = record[cell.start : cell.end]
            parts += [record[end : cell.start], before if value == cell.value else layout.write(before, value)]
            end = cell.end
        yield "".join([*parts, record[end:]])


def _parquet(source: Path, target: Path, columns: Sequence[str], redact: Redact) -> int:
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(source)
    except pyarrow.ArrowInvalid:
        raise DataError(f"{source}: not a Parquet file") from None
    schema = file.schema_arrow
    for column in columns:
        kind = schema.field(column).type if column in schema.names else None
        if kind is None or not (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
            raise DataError(f"{source}: has no column {column} of strings")
    with file, parquet.ParquetWriter(target, schema) as writer:
        for batch in file.iter_batches(_BATCH):
            arrays = {name: batch.column(name) for name in schema.names}
            for column in columns:
                values = arrays[column].to_pylist()
                made = iter(redact([value for value in values if value is not None]))
                changed = [None if value is None else next(made) for value in values]
                arrays[column] = pyarrow.array(changed, schema.field(column).type)
            writer.write_batch(pyarrow.record_batch(list(arrays.values()), schema=schema))
        return int(file.metadata.num_rows)
