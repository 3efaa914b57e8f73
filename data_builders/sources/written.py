"""The written source: texts with marked values, written for this project and kept in `data_builders/written`.

A text begins with a line `=== GENRE` and ends before the next one; blank lines at its ends do not count. A value is
marked where it stands: `⟦PERSON_NAME|王小明⟧`. The texts mark the types that are on by default, and no other.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, NamedTuple

from data_builders.sources.files import hashes
from data_builders.sources.source import Corpus, FileSource, Traits
from data_builders.sources.tables import read_lines
from data_builders.splits import Split
from schemas.errors import DataError, SpanError
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import DEFAULT_TYPES, EntityType

FOLDER = Path(__file__).parents[1] / "written"
"""The texts of the package."""

_HEADER = "=== "
_MARK = re.compile(r"⟦([A-Z_]+)\|([^⟦⟧]*)⟧")
_BRACKET = re.compile("[⟦⟧]")


class Written(FileSource):
    """The written corpus: `path` is a file or a folder of `.txt` files; without it, those of the package."""

    traits: ClassVar[Traits] = Traits(shares_values=True, has_markup=True, printable=True, whole=True)
    convert_help: ClassVar[str] = "convert texts with inline marks"
    path_help: ClassVar[str] = "file, or folder of .txt files"

    @property
    def licence(self) -> str:
        """Ours."""
        return "written for pii-sft (Apache-2.0); people and values are invented, a few public figures aside"

    def read(self, path: Path, report: Counter[str]) -> Iterator[Example]:
        """The texts of a file, or of the `.txt` files of a folder in the order of their names.

        A mark of a type that the taxonomy does not have becomes plain text, which `report` counts. Raises DataError
        with file and line for a text without genre or characters, and a mark that is broken, empty or padded.
        """
        for file in sorted(path.glob("*.txt")) if path.is_dir() else [path]:
            for block in _blocks(file):
                yield _example(block, report)

    def locate(self) -> tuple[Path, dict[str, str]]:
        """The file or folder. Raises DataError for a folder without texts."""
        path = self.path or FOLDER
        if not path.is_file() and not any(path.glob("*.txt")):
            raise DataError(f"{path}: no file or folder of .txt files (sources.written.path)")
        return path, {}

    def open(self, wanted: Mapping[Split, int], seed: int) -> Corpus:
        """All texts, a tenth of them for validation whatever the seed."""
        path, _ = self.locate()
        report: Counter[str] = Counter()
        rows: dict[Split, list[Example]] = {Split.TRAIN: [], Split.VALIDATION: []}
        for example in self.read(path, report):
            rows[split_of(example.document.text)].append(example)
        return Corpus({split: iter(part) for split, part in rows.items()}, {"sha256": hashes([path])}, report)


def split_of(text: str) -> Split:
    """The split of a written text, by the hash of the text without marks: a tenth is validation."""
    number = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
    return Split.VALIDATION if number % 10 == 0 else Split.TRAIN


class _Block(NamedTuple):
    """A text as it stands in a file: the lines of its header and of the first character of `body`."""

    file: Path
    line: int
    genre: str
    first_line: int
    body: str


def _blocks(file: Path) -> Iterator[_Block]:
    header: tuple[int, str] | None = None
    body: list[str] = []
    for number, (place, line) in enumerate(read_lines(file), start=1):
        if line.startswith(_HEADER):
            if header:
                yield _block(file, header, body)
            header, body = (number, line.removeprefix(_HEADER).strip()), []
        elif header:
            body.append(line)
        elif line.strip():
            raise DataError(f"{place}: a text begins with a line `=== GENRE`")
    if header:
        yield _block(file, header, body)


def _block(file: Path, header: tuple[int, str], lines: list[str]) -> _Block:
    number, genre = header
    content = "".join(lines).replace("\r\n", "\n").rstrip("\n")
    body = content.lstrip("\n")
    if not genre or not body.strip():
        raise DataError(f"{file}:{number}: the text has no {'characters' if genre else 'genre'}")
    return _Block(file, number, genre, number + 1 + len(content) - len(body), body)


def _example(block: _Block, report: Counter[str]) -> Example:
    text, entities, end = "", list[Entity](), 0
    for mark in _MARK.finditer(block.body):
        text += _plain(block, end, mark.start())
        end, value = mark.end(), mark[2]
        if not value or value != value.strip():
            raise DataError(f"{_place(block, mark.start())}: the value of {mark[1]} is empty or has space at its ends")
        if mark[1] in EntityType.__members__:
            entities.append(Entity(len(text), len(text) + len(value), EntityType[mark[1]]))
        else:
            report[f"left as text: {mark[1]}, which the taxonomy does not have"] += 1
        text += value
    document = Document(f"written-{block.file.stem}-{block.line}", text + _plain(block, end, len(block.body)))
    try:
        return Example(document, tuple(entities), "written", block.genre, DEFAULT_TYPES)
    except SpanError as error:
        raise DataError(f"{block.file}:{block.line}: {error}") from None


def _plain(block: _Block, start: int, end: int) -> str:
    """The characters between two marks, which hold no bracket of a mark."""
    if stray := _BRACKET.search(block.body, start, end):
        raise DataError(f"{_place(block, stray.start())}: a broken or nested mark; write ⟦TYPE|value⟧")
    return block.body[start:end]


def _place(block: _Block, position: int) -> str:
    """File and line of a character of the text."""
    line_breaks = block.body.count("\n", 0, position)
    return f"{block.file}:{block.first_line + line_breaks}"
