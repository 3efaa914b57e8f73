"""What a report is made of: headings, paragraphs and tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 or 2."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph; words in backticks are code."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of plain text."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Prose | Table


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """A table of cells as text: four decimals, thousands apart, a dash for nothing."""
    body = tuple(tuple(_cell(item) for item in row) for row in rows)
    return Table(tuple(line(name) for name in header), body)


def _cell(value: Cell) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if value is None:
        return "–"
    return line(value) if isinstance(value, str) else f"{value:,}"


def line(text: str) -> str:
    """`text` on one line."""
    return " ".join(text.splitlines())
