"""Restores the contents of documents: cells of tables, whole texts among them, and JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from serving.redaction.documents.document import Cell
from serving.redaction.documents.json_lines import Number
from serving.redaction.json_text import is_number
from serving.redaction.json_values import restore_json, restore_value
from serving.redaction.redact import Restored
from serving.redaction.replacement_map import ReplacementMap


@dataclass(slots=True)
class TextRestorer:
    """Puts the values of `replacement_map` for its stand-ins; itself a `serving.redaction.documents.document.Rewriter`.

    `unrestored` counts what read like a stand-in so far, but has no value.
    """

    replacement_map: ReplacementMap
    unrestored: int = 0

    def cells(self, cells: Sequence[Cell]) -> list[str]:
        """The restored values of cells, in order; one that stood for a number of JSON is a `Number`."""
        return [self._cell(cell) for cell in cells]

    def json(self, text: str) -> str:
        """A restored text of JSON. Raises JsonError for any other."""
        return self._counted(Restored(*restore_json(text, self.replacement_map)))

    def data_in(self, names: Sequence[str], is_header: bool) -> Sequence[int]:
        """None: what is restored may begin with anything."""
        return ()

    def _cell(self, cell: Cell) -> str:
        back, was_a_number = restore_value(cell.value, self.replacement_map)
        value = self._counted(back)
        return Number(value) if was_a_number and is_number(value) else value

    def _counted(self, restored: Restored) -> str:
        self.unrestored += restored.unrestored
        return restored.text
