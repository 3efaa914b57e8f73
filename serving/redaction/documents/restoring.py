"""Restores a document, escaping the values for where they stand."""

from io import StringIO

from schemas.errors import DataError
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.endings import DELIMITERS, JSON_LINES
from serving.redaction.documents.tables import Csv
from serving.redaction.json_text import JsonError
from serving.redaction.json_values import restore_json
from serving.redaction.redact import Restored, restore
from serving.redaction.replacement_map import ReplacementMap


def restore_document(text: str, name: str, ending: str, replacement_map: ReplacementMap) -> Restored:
    """The text of a document with this `ending`, that of JSON or of a table, with its values.

    Raises JsonError for what is not JSON, and DataError, with `name` and line, for a broken table or line of JSON.
    """
    if ending in DELIMITERS:
        return _together(_restored_records(text, name, DELIMITERS[ending], replacement_map))
    if ending in JSON_LINES:
        return _together(_restored_lines(text, name, replacement_map))
    return Restored(*restore_json(text, replacement_map))


def _restored_lines(text: str, name: str, replacement_map: ReplacementMap) -> list[Restored]:
    records = []
    for number, line in enumerate(StringIO(text, newline="\n"), start=1):
        try:
            back = restore_json(line, replacement_map) if line.strip() else (line, 0)
        except JsonError:
            raise DataError(f"{name}:{number}: not JSON") from None
        records.append(Restored(*back))
    return records


def _restored_records(text: str, name: str, delimiter: str, replacement_map: ReplacementMap) -> list[Restored]:
    table = Csv(Columns(()), delimiter)
    records = []
    for record, cells in table.whole_cells(StringIO(text, newline=""), name):
        back = [restore(cell.value, replacement_map) for cell in cells]
        written = table.rewritten(record, cells, iter([cell.text for cell in back]))
        records.append(Restored(written, sum(cell.unrestored for cell in back)))
    return records


def _together(parts: list[Restored]) -> Restored:
    return Restored("".join(part.text for part in parts), sum(part.unrestored for part in parts))
