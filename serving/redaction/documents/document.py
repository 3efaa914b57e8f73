"""What a document is: records with cells, of which everything but the cells' values is kept character by character."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from schemas.errors import DataError

if TYPE_CHECKING:
    from serving.redaction.documents.text_redactor import TextRedactor

BOM = "\ufeff"
BATCH = 256
"""Records that are redacted together, so that memory stays bounded."""


class DocumentFormat(Protocol):
    """A kind of file."""

    def rewrite(self, source: Path, target: Path, redactor: "TextRedactor") -> int:
        """Write `source` to `target` with redacted cells, and return the number of records.

        Raises DataError, with file and line, for a file that is not of this kind.
        """
        ...


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell at `[start, end)` of its record as written, its value, which stays out of `repr`, and its column.

    `is_number` says that the value is a number of JSON, as it is written.
    """

    start: int
    end: int
    value: str = field(repr=False)
    column: str = ""
    is_number: bool = False


Record = tuple[str, list[Cell]]
"""A record as written, its line break included, and its chosen cells in order."""


class TextDocument(ABC):
    """A document in UTF-8; a byte order mark at its beginning is kept, and no part of its records."""

    @abstractmethod
    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """Yield the records of `file`, which was opened with newline="". Raises DataError, with `name` and line."""

    @abstractmethod
    def write(self, before: str, value: str) -> str:
        """`value` as a cell that was written as `before`."""

    def rewrite(self, source: Path, target: Path, redactor: "TextRedactor") -> int:
        """As `DocumentFormat` has it."""
        count = 0
        try:
            with (
                source.open(encoding="utf-8", newline="") as file,
                target.open("w", encoding="utf-8", newline="") as out,
            ):
                if file.read(1) == BOM:
                    out.write(BOM)
                else:
                    file.seek(0)
                records = self.records(file, str(source))
                while batch := list(islice(records, BATCH)):
                    out.writelines(self._redacted(batch, redactor))
                    count += len(batch)
        except UnicodeDecodeError:
            raise DataError(f"{source}: not UTF-8 near record {count + 1}; save it as UTF-8") from None
        return count

    def _redacted(self, records: Sequence[Record], redactor: "TextRedactor") -> Iterator[str]:
        values = iter(redactor.cells([cell for _, cells in records for cell in cells]))
        for record, cells in records:
            yield self.rewritten(record, cells, values)

    def rewritten(self, record: str, cells: Iterable[Cell], values: Iterator[str]) -> str:
        """`record` with the next of `values` in each of its `cells`."""
        return "".join(self._parts(record, cells, values))

    def _parts(self, record: str, cells: Iterable[Cell], values: Iterator[str]) -> Iterator[str]:
        end = 0
        for cell in cells:
            value, before = next(values), record[cell.start : cell.end]
            yield record[end : cell.start]
            yield before if value == cell.value else self.write(before, value)
            end = cell.end
        yield record[end:]
