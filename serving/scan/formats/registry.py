"""The formats of what is scanned: of files by their endings, and of tables of databases."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from serving.redaction.documents.endings import DELIMITERS, JSON_LINES, PARQUET, TEXTS
from serving.scan.formats.format import ScanFormat
from serving.scan.formats.parquet import ParquetFormat
from serving.scan.formats.records import CsvRecords, JsonRecords, LineRecords, csv_header, line_header, no_header
from serving.scan.formats.table import TableFormat
from serving.scan.formats.text import TextFormat

_LINES = TextFormat(LineRecords, line_header)
_JSON = TextFormat(JsonRecords, no_header)
_CSV = TextFormat(CsvRecords, csv_header, quotes=True)
TABLE = "table"
FILES: Mapping[str, ScanFormat] = {
    PARQUET: ParquetFormat(),
    **dict.fromkeys(JSON_LINES, _JSON),
    **dict.fromkeys(DELIMITERS, _CSV),
    **dict.fromkeys(TEXTS, _LINES),
}
FORMATS: Mapping[str, ScanFormat] = {**FILES, TABLE: TableFormat()}


def ending_of(name: str) -> str:
    """The ending of a file's name, by which its format is known."""
    return PurePosixPath(name).suffix.lower()
