"""Restores a document, escaping the values for where they stand."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from schemas.errors import DataError
from schemas.files import replacing
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.document import rewrite_text
from serving.redaction.documents.endings import DELIMITERS, JSON_LINES, PARQUET, TEXT_TABLES
from serving.redaction.documents.files import document_of
from serving.redaction.documents.json_lines import JsonLines
from serving.redaction.documents.parquet import Parquet, text_columns
from serving.redaction.documents.tables import AnyCsv, Csv
from serving.redaction.documents.text_restorer import TextRestorer
from serving.redaction.json_text import JsonError


@contextmanager
def restoring(source: Path, target: Path, columns: Columns, restorer: TextRestorer) -> Iterator[int]:
    """Write `source` to `target` with its values; gives the number of records.

    Of a table the `columns` are restored, or where these name none, all texts in it. `target` appears as that of
    `redacting` does, whose errors are raised.
    """
    ending = source.suffix.lower()
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target, like=source) as temporary:
        if not columns and ending in TEXT_TABLES:
            name, newline = str(source), newline_of(ending)
            yield rewrite_text(source, temporary, lambda file: restored_records(file, name, ending, restorer), newline)
        else:
            every = not columns and ending == PARQUET
            document = Parquet(Columns(text_columns(source))) if every else document_of(source, columns)
            yield document.rewrite(source, temporary, restorer)


def restored_records(file: TextIO, name: str, ending: str, restorer: TextRestorer) -> Iterator[str]:
    """The records of a table with this `ending`, opened with its `newline_of`, with the values in all their cells.

    Raises DataError, with `name` and line, for a broken table or line of JSON.
    """
    if ending in JSON_LINES:
        return _restored_lines(file, name, restorer)
    return AnyCsv(Columns(()), DELIMITERS[ending]).rewritten_records(file, name, restorer)


def newline_of(ending: str) -> str:
    """What ends a line of a table with this `ending`, as `open` takes it."""
    return JsonLines.newline if ending in JSON_LINES else Csv.newline


def _restored_lines(file: TextIO, name: str, restorer: TextRestorer) -> Iterator[str]:
    for number, line in enumerate(file, start=1):
        try:
            yield restorer.json(line) if line.strip() else line
        except JsonError:
            raise DataError(f"{name}:{number}: not JSON") from None
