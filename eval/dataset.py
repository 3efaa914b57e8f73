"""The dataset with the true entities: a file, read row by row as often as needed."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from schemas.errors import DataError
from schemas.spans.entity import Example
from schemas.spans.record import read_records

TEST_FILE = "test.jsonl"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A checked dataset file, of which the first `limit` rows count (None: all).

    `digest` is the SHA-256 of those rows as hexadecimal digits; `texts`, `characters` and `entities` count them.
    """

    path: Path
    limit: int | None
    digest: str
    texts: int
    characters: int
    entities: int

    def __iter__(self) -> Iterator[Example]:
        """Read the rows anew. Raises DataError or RecordError, with file and line, for one that is no longer valid."""
        return islice(read_records(self.path), self.limit)


def open_dataset(path: Path, limit: int | None = None) -> Dataset:
    """Read the dataset file `path`, or the test split of the dataset folder `path`, once and check every row.

    Raises DataError for a file that cannot be read or is empty, RecordError for a row that breaks the schema (a span
    outside the text or overlapping another, an unknown type) and DataError for an id that occurs twice; all name file
    and line.
    """
    file = path / TEST_FILE if path.is_dir() else path
    lines: dict[str, int] = {}
    digest = hashlib.sha256()
    characters = entities = 0
    for number, example in enumerate(islice(read_records(file), limit), start=1):
        name = example.document.id
        if name in lines:
            raise DataError(f"{file}:{number}: the id of line {lines[name]} occurs again")
        lines[name] = number
        characters += len(example.document.text)
        entities += len(example.entities)
        fields = (name, example.document.text, example.source, example.family)
        spans = [(entity.start, entity.end, str(entity.type)) for entity in example.entities]
        kept = (fields, spans, [str(kind) for kind in example.annotated], sorted(example.slices.items()))
        digest.update(repr(kept).encode())
    if not lines:
        raise DataError(f"{file}: holds no row")
    return Dataset(file, limit, digest.hexdigest(), len(lines), characters, entities)
