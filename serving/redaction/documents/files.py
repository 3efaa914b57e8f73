"""Redacts one file; the ending of its name says what it is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from schemas.errors import DataError
from schemas.files import replacing
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.document import DocumentFormat
from serving.redaction.documents.endings import DELIMITERS, JSON, JSON_LINES, PARQUET, TEXTS
from serving.redaction.documents.json_document import JsonDocument
from serving.redaction.documents.json_lines import JsonLines
from serving.redaction.documents.parquet import Parquet
from serving.redaction.documents.tables import Csv
from serving.redaction.documents.text import PlainText
from serving.redaction.documents.text_redactor import TextRedactor

_WHOLE: Mapping[str, Callable[[], DocumentFormat]] = {**dict.fromkeys(TEXTS, PlainText), JSON: JsonDocument}
"""Documents that are redacted as a whole, by ending."""
_TABLES: Mapping[str, Callable[[Columns], DocumentFormat]] = {
    **dict.fromkeys(JSON_LINES, JsonLines),
    **{ending: partial(Csv, delimiter=delimiter) for ending, delimiter in DELIMITERS.items()},
    PARQUET: Parquet,
}
"""Documents of which columns are redacted, by ending."""
_ENDINGS = sorted({*_WHOLE, *_TABLES})


@contextmanager
def redacting(source: Path, target: Path, columns: Columns, redactor: TextRedactor) -> Iterator[int]:
    """Write `source` to `target` with redacted cells; gives the number of records.

    A text is one record, and redacted as a whole, as a JSON file is; of a table the `columns` are redacted. `target`
    appears whole when the context ends, and no one may read it who may not read `source`. Raises DataError, with file
    and line, for a file that is not what its ending says, lacks a column or holds something else than texts and numbers
    in it, or has an unknown ending.
    """
    document = document_of(source, columns)
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target, like=source) as temporary:
        yield document.rewrite(source, temporary, redactor)


def is_known(path: Path) -> bool:
    """Whether `redacting` knows the ending of `path`."""
    return path.suffix.lower() in _ENDINGS


def document_of(source: Path, columns: Columns) -> DocumentFormat:
    """The kind of file that `source` is. Raises DataError for an unknown one, and for a table without `columns`."""
    ending = source.suffix.lower()
    if ending in _WHOLE:
        return _WHOLE[ending]()
    if ending not in _TABLES:
        raise DataError(f"{source}: cannot read this kind of file; it must end in {', '.join(_ENDINGS)}")
    if not columns:
        raise DataError(f"{source}: name the columns to redact with --column")
    return _TABLES[ending](columns)
