"""Redacts the contents of documents: cells of tables, whole texts among them, and JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.engine import Find
from serving.redaction.documents.document import Cell
from serving.redaction.documents.first_row import people_in, values_in
from serving.redaction.json_values import redact_json, redact_number
from serving.redaction.session import RedactionSession


@dataclass(frozen=True, slots=True)
class TextRedactor:
    """Puts the stand-ins of `session` for what `find` finds."""

    find: Find
    session: RedactionSession

    def cells(self, cells: Sequence[Cell]) -> list[str]:
        """The redacted values of cells, in order; those of numbers may be numbers."""
        found = self.find([cell.value for cell in cells], [cell.column for cell in cells])
        rows = list(zip(cells, found, strict=True))
        numbers = iter([redact_number(cell.value, one, self.session) for cell, one in rows if cell.is_number])
        texts = iter(self.session.redact_all(one for cell, one in rows if not cell.is_number))
        return [next(numbers) if cell.is_number else next(texts).text for cell in cells]

    def json(self, text: str) -> str:
        """A redacted text of JSON. Raises JsonError for any other."""
        return redact_json(text, self.find, self.session)

    def data_in(self, names: Sequence[str], is_header: bool) -> Sequence[int]:
        """Those of `names` that are personal values; under `is_header` names of people pass, which are words, too."""
        return values_in(names) or ([] if is_header else people_in(names, self.find))
