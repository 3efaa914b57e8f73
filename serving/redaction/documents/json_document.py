"""A JSON file, whose strings and numbers are rewritten wherever they stand."""

from dataclasses import dataclass
from pathlib import Path

from schemas.errors import DataError, InvalidTextError
from serving.redaction.documents.document import BOM, Rewriter
from serving.redaction.json_text import JsonError


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """One JSON value; itself a `serving.redaction.documents.document.DocumentFormat`."""

    def rewrite(self, source: Path, target: Path, rewriter: Rewriter) -> int:
        """As `DocumentFormat` has it; the file is one record."""
        try:
            text = source.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(f"{source}: byte {error.start} is not UTF-8") from None
        before = BOM if text.startswith(BOM) else ""
        try:
            rewritten = rewriter.json(text.removeprefix(BOM))
        except (JsonError, InvalidTextError) as error:
            raise DataError(f"{source}: {error}") from None
        target.write_text(before + rewritten, encoding="utf-8", newline="")
        return 1
