"""Parts of files: what one worker does at a time, and what is finished or not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace

from schemas.errors import DataError
from serving.redaction.documents.document import Cell

NO_COLUMN = "has no column"
"""How the reason begins why a file without a column is not read."""


class ReadError(DataError):
    """A part or a file that cannot be read; the message has the reason alone."""

    @classmethod
    def of(cls, error: OSError) -> ReadError:
        """What an error of the system says, without the file's name."""
        return cls(error.strerror or type(error).__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the file number `file` of a scan, from `path`, which may have a password in it.

    `start` and `end` are bytes of a text file, or the row group of a Parquet file and the next one. `header` are the
    names of the columns of a table, `columns` those that are read. `size` is in bytes, and `rows` the number of rows
    where it is known beforehand, and `name` that of the copy. At most `limit` rows are searched. `key_range` is that of
    a table's part, and `is_named` says whether its columns were named, so that numbers in them are read as well.
    """

    file: int
    index: int
    path: str = field(repr=False)
    ending: str
    start: int
    end: int
    size: int
    header: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: int | None = None
    limit: int | None = None
    key_range: str = field(default="", repr=False)
    is_named: bool = False
    name: str = field(default="", repr=False)

    def to_json(self) -> str:
        """As a text that can be sent."""
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> Part:
        """From what `to_json` gave."""
        row = json.loads(text)
        return cls(**{**row, "header": tuple(row["header"]), "columns": tuple(row["columns"])})

    @property
    def key(self) -> str:
        """Its name among the parts of the scan."""
        return f"{self.file:06d}-{self.index:06d}"


@dataclass(frozen=True, slots=True)
class Listing:
    """The parts of a file, its columns that nobody named and that hold no text, and what else people should know."""

    parts: list[Part]
    unread: tuple[str, ...] = ()
    note: str = ""


@dataclass
class Chunk:
    """Rows that are worked on together: the cells of each, and why some cannot be read.

    `first` is the number of the first one within its part; `faults` are by numbers within the chunk. The last chunk of
    a part has no rows and begins behind the last one. `found` are the columns of the part that there were so far.
    `row_keys` are those of the rows, where the source has them.
    """

    first: int
    cells: list[list[Cell]]
    found: tuple[str, ...]
    faults: dict[int, str] = field(default_factory=dict)
    row_keys: list[str] = field(default_factory=list, repr=False)


def spread(parts: list[Part], sample: int) -> Iterator[Part]:
    """The parts with the limits that spread `sample` rows over them; as they are where it is 0."""
    for index, part in enumerate(parts):
        share = sample * (index + 1) // len(parts) - sample * index // len(parts)
        yield replace(part, limit=share) if sample else part


def chosen_columns(columns: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Which of the columns `names` of a table are read: `columns`, or all. Raises ReadError where one is missing."""
    for column in columns:
        if column not in names:
            raise ReadError(f"{NO_COLUMN} {column}")
    return tuple(dict.fromkeys(columns or names))
