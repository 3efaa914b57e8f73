"""What a document is: records with cells, of which everything but the cells' values is kept character by character."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import ClassVar, Protocol, TextIO

from schemas.errors import DataError

BOM = "\ufeff"
BATCH = 256
"""Records that are rewritten together, so that memory stays bounded."""


class DocumentFormat(Protocol):
    """A kind of file."""

    def rewrite(self, source: Path, target: Path, rewriter: "Rewriter") -> int:
        """Write `source` to `target` with other cells, and return the number of records.

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


class Rewriter(Protocol):
    """What changes the contents of documents: it redacts or restores them."""

    def cells(self, cells: Sequence[Cell]) -> list[str]:
        """The new values of cells, in order."""
        ...

    def json(self, text: str) -> str:
        """The new text of JSON. Raises JsonError for any other."""
        ...

    def data_in(self, names: Sequence[str], is_header: bool) -> Sequence[int]:
        """Which of `names`, the first row of a table, are data; `is_header` says that some are names of columns."""
        ...


Record = tuple[str, list[Cell]]
"""A record as written, its line break included, and its chosen cells in order."""


class TextDocument(ABC):
    """A document in UTF-8; a byte order mark at its beginning is kept, and no part of its records."""

    newline: ClassVar[str] = ""
    """What ends a line, as `open` takes it: any line break."""

    @abstractmethod
    def records(self, file: TextIO, name: str) -> Iterator[Record]:
        """Yield the records of `file`, which was opened with `newline`. Raises DataError, with `name` and line."""

    @abstractmethod
    def write(self, before: str, value: str) -> str:
        """`value` as a cell that was written as `before`."""

    def rewrite(self, source: Path, target: Path, rewriter: Rewriter) -> int:
        """As `DocumentFormat` has it."""
        return rewrite_text(
            source, target, lambda file: self.rewritten_records(file, str(source), rewriter), self.newline
        )

    def rewritten_records(self, file: TextIO, name: str, rewriter: Rewriter) -> Iterator[str]:
        """The records of `file`, as `records` takes it, with other cells. Raises what `records` raises."""
        return self.rewritten_batches(self.records(file, name), rewriter)

    def rewritten_batches(self, records: Iterator[Record], rewriter: Rewriter) -> Iterator[str]:
        """The `records` with other cells."""
        while batch := list(islice(records, BATCH)):
            values = iter(rewriter.cells([cell for _, cells in batch for cell in cells]))
            for record, cells in batch:
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


def rewrite_text(source: Path, target: Path, rewritten: Callable[[TextIO], Iterable[str]], newline: str = "") -> int:
    """Write to `target` what `rewritten` makes of each record of the text `source`, and return how many there are.

    `source` is opened with `newline`. Raises DataError for a text that is not UTF-8.
    """
    count = 0
    try:
        with (
            source.open(encoding="utf-8", newline=newline) as file,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            if file.read(1) == BOM:
                out.write(BOM)
            else:
                file.seek(0)
            for record in rewritten(file):
                out.write(record)
                count += 1
    except UnicodeDecodeError:
        raise DataError(f"{source}: not UTF-8 near record {count + 1}; save it as UTF-8") from None
    return count
