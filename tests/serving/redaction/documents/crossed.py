"""Stands in for redaction."""

from collections.abc import Sequence

from serving.redaction import RedactionSession
from serving.redaction.documents.document import Cell
from serving.redaction.documents.text_redactor import TextRedactor


class Crossing(TextRedactor):
    """It crosses out digits, and adds what needs quotes."""

    def texts(self, texts: Sequence[str]) -> list[str]:
        return [
            "".join("#" if char.isdigit() else char for char in text) + ('",\n' if "!" in text else "")
            for text in texts
        ]

    def cells(self, cells: Sequence[Cell]) -> list[str]:
        return self.texts([cell.value for cell in cells])


CROSSED = Crossing(lambda texts: [], RedactionSession("label"))
