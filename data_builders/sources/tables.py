"""Rows of source files: JSON Lines, CSV and Parquet behind one iterator, in flat memory.

Parquet is read by the library `datasets`. JSON Lines and CSV are not: it infers the types of columns (the cell 007
becomes 7.0), passes over blank lines without counting them, and its errors name a row of a block, while messages and
ids here name `file:line` and values stay as they are written.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from schemas.errors import DataError, RecordError
from schemas.json_fields import parse_json

Row = tuple[str, dict[str, Any]]

_CELL_LIMIT = 2**31 - 1  # the most that a C long holds on every platform; csv allows 131,072 characters by itself


def read_rows(path: Path) -> Iterator[Row]:
    """Yield (place, row) for each row of a `.jsonl`, `.csv` or `.parquet` file, or of all such files below a folder.

    A folder's files come in the order of their names; its other files are passed over. `place` is `file:line`, for
    Parquet `file: row N`. Blank lines count and yield nothing. CSV values are strings, named by the first line.
    Raises DataError, which names file and place, for a missing path, an unknown suffix, a folder without such files,
    a file or line that cannot be read as its format, and a row that is no object.
    """
    for file in _files(path):
        yield from _READERS[file.suffix.lower()](file)


def read_lines(file: Path) -> Iterator[tuple[str, str]]:
    r"""Yield (`file:line`, line) for each line of a UTF-8 file, line ends included; only `\n` ends a line.

    A byte order mark is dropped. Raises DataError for a file that cannot be opened or a line that is not UTF-8.
    """
    number = 1
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                yield f"{file}:{number}", line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{file}:{number}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise DataError(f"{file}: {error.strerror}") from None


def read_features(file: Path) -> Mapping[str, Any]:
    """The columns of a Parquet file, as `datasets` describes them: with the names of class labels.

    Raises DataError when the file cannot be read. Metadata that is malformed describes no column.
    """
    with _readable(file):
        from datasets import Features
        from pyarrow.parquet import read_schema

        schema = read_schema(file)
    try:
        return dict(Features.from_arrow_schema(schema))
    except (ValueError, TypeError, KeyError):
        return {}


def _files(path: Path) -> list[Path]:
    kinds = ", ".join(_READERS)
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    if not path.is_dir():
        if path.suffix.lower() not in _READERS:
            raise DataError(f"{path}: unknown kind of table; give a file that ends in {kinds}")
        return [path]
    files = [file for file in path.rglob("*") if file.suffix.lower() in _READERS and file.is_file()]
    if not files:
        raise DataError(f"{path}: the folder holds no file that ends in {kinds}")
    return sorted(files, key=lambda file: file.relative_to(path).as_posix())


def read_jsonl(file: Path) -> Iterator[Row]:
    """Yield (`file:line`, row) for each row of a file of JSON Lines, however it is called, as `read_rows` does."""
    for place, line in read_lines(file):
        if line.strip():
            yield place, _object(line, place)


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        row = parse_json(line)
    except RecordError as error:
        raise DataError(f"{place}: {error}; write one JSON object a line") from None
    if not isinstance(row, dict):
        raise DataError(f"{place}: not a JSON object; write one JSON object a line")
    return row


def _read_csv(file: Path) -> Iterator[Row]:
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader((line for _, line in read_lines(file)), strict=True)
    header = _next_row(reader, file)
    if header is None or len(set(header)) < len(header):
        raise DataError(f"{file}:1: the first line must name the columns, each once")
    place = f"{file}:{reader.line_num + 1}"
    while (row := _next_row(reader, file)) is not None:
        if row and len(row) != len(header):
            raise DataError(f"{place}: {len(row)} cells under {len(header)} columns; quote cells that hold a comma")
        if row:
            yield place, dict(zip(header, row, strict=True))
        place = f"{file}:{reader.line_num + 1}"


def _next_row(reader: Any, file: Path) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise DataError(f"{file}:{reader.line_num}: not CSV as of RFC 4180: {error}") from None


def _read_parquet(file: Path) -> Iterator[Row]:
    """By `datasets`, whose own cache is not used; the path is escaped, since it would be a pattern.

    The columns are those of the file, whatever its metadata calls them.
    """
    with _readable(file), TemporaryDirectory() as cache:
        from datasets import Features, load_dataset
        from pyarrow.parquet import read_schema

        rows = load_dataset(
            "parquet",
            data_files=escape(str(file)),
            features=Features.from_arrow_schema(read_schema(file).remove_metadata()),
            split="train",
            streaming=True,
            cache_dir=cache,
        )
        for number, row in enumerate(rows, start=1):
            yield f"{file}: row {number}", row


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Turns what goes wrong with a Parquet file into a DataError."""
    try:
        import pyarrow
    except ImportError:
        raise DataError(f"{file}: Parquet needs the package pyarrow; install pii-sft[data]") from None
    try:
        yield
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise DataError(
            f"{file}: cannot be read as Parquet ({type(error).__name__}); fetch or write it anew"
        ) from error


_READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    ".jsonl": read_jsonl,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
}
