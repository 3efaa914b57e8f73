"""Plain texts."""

from collections.abc import Iterator
from typing import TextIO

from schemas.files import check_encoding
from serving.redaction.documents.document import Cell, Record, TextDocument


class PlainText(TextDocument):
    """One record with one cell: the text."""

    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """As `TextDocument` has it."""
        text = file.read()
        check_encoding(text, name)
        yield text, [Cell(0, len(text), text)]

    def write(self, before: str, value: str) -> str:
        """As `TextDocument` has it."""
        return value
