"""Parts: lines that templates share, `data_builders/synth/texts/parts/PART.txt`, drawn where a template says `<<PART>>`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data_builders.synth.sampling import Partition
from schemas.errors import DataError

PART = re.compile(r"<<([a-z_]+)>>")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file of templates or parts: its file's name, its number in it, what stands there."""

    file: str
    number: int
    source: str = field(repr=False)

    @property
    def place(self) -> str:
        """File and line for messages."""
        return f"{self.file}:{self.number}"


def read_lines(folder: Path) -> dict[str, list[Line]]:
    """The lines of every `.txt` file of `folder` by the file's stem, in order, without comments and blank lines.

    Raises DataError when two lines of a file are the same.
    """
    files = sorted(folder.glob("*.txt"), key=lambda file: file.name)
    return {file.stem: _lines(f"{folder.name}/{file.name}", file.read_text(encoding="utf-8")) for file in files}


def _lines(name: str, text: str) -> list[Line]:
    lines: dict[str, Line] = {}
    for number, source in enumerate(text.split("\n"), start=1):
        if source in lines:
            raise DataError(f"{name}:{number}: the same as line {lines[source].number}; delete one of them")
        if source.strip() and not source.startswith("#"):
            lines[source] = Line(name, number, source)
    return list(lines.values())


def read_parts(folder: Path) -> dict[str, dict[str, str]]:
    """The sources of all parts of `folder` by name and id (`parts/NAME-NUMBER`).

    Raises DataError for a part that holds another one.
    """
    parts = read_lines(folder)
    for line in (line for lines in parts.values() for line in lines):
        if PART.search(line.source):
            raise DataError(f"{line.place}: a part cannot hold another part; write its text out")
    return {name: _numbered(name, lines) for name, lines in parts.items()}


def _numbered(name: str, lines: list[Line]) -> dict[str, str]:
    return {f"parts/{name}-{number}": line.source for number, line in enumerate(lines, start=1)}


def admitted(parts: Mapping[str, Mapping[str, str]], partition: Partition) -> dict[str, dict[str, str]]:
    """`parts` with the lines of one split only, without those of which none is left."""
    mine = {name: {id: line for id, line in part.items() if partition.admits(line)} for name, part in parts.items()}
    return {name: part for name, part in mine.items() if part}
