"""Redacts the contents of documents: texts, cells of tables, and JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.engine import Find
from serving.redaction.documents.document import Cell
from serving.redaction.json_values import redact_json, redact_number
from serving.redaction.numbers import find_in_cells
from serving.redaction.session import RedactionSession


@dataclass(frozen=True, slots=True)
class TextRedactor:
    """Puts the stand-ins of `session` for what `find` finds."""

    find: Find
    session: RedactionSession

    def texts(self, texts: Sequence[str]) -> list[str]:
        """The redacted texts, in order."""
        return [redacted.text for redacted in self.session.redact_all(find_in_cells(self.find, texts))]

    def cells(self, cells: Sequence[Cell]) -> list[str]:
        """The redacted values of cells, in order; those of numbers may be numbers."""
        found = find_in_cells(self.find, [cell.value for cell in cells])
        rows = list(zip(cells, found, strict=True))
        numbers = iter([redact_number(cell.value, one, self.session) for cell, one in rows if cell.is_number])
        texts = iter(self.session.redact_all(one for cell, one in rows if not cell.is_number))
        return [next(numbers) if cell.is_number else next(texts).text for cell in cells]

    def json(self, text: str) -> str:
        """A redacted text of JSON. Raises JsonError for any other."""
        return redact_json(text, self.find, self.session)
