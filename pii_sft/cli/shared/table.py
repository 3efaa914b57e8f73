"""Aligned tables for terminals."""

import argparse
import os
import sys
import unicodedata
from collections.abc import Sequence

_BOLD, _CYAN, _RESET = "\x1b[1m", "\x1b[36m", "\x1b[0m"


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print `rows` under `header` to stdout, coloured on a terminal unless NO_COLOR is set (no-color.org)."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    print(render(header, rows, colour))


def render(header: Sequence[str], rows: Sequence[Sequence[str]], colour: bool) -> str:
    """The lines of a table whose columns are as wide as their widest cell; with `colour`, under ANSI attributes."""
    cells = [[printable(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    lines = [[cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True)] for row in cells]
    if colour:
        lines[0] = [f"{_BOLD}{cell}{_RESET}" for cell in lines[0]]
        lines[1:] = [[f"{_CYAN}{row[0]}{_RESET}", *row[1:]] for row in lines[1:]]
    return "\n".join("  ".join(row).rstrip() for row in lines)


def width(text: str) -> int:
    """Columns that `text` takes on a terminal: two for wide and full-width characters (UAX #11), none for marks."""
    return sum(
        0 if unicodedata.category(char) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def printable(text: str) -> str:
    """`text` with control and other unprintable characters as escapes, so that it cannot steer the terminal."""
    return "".join(
        char if char.isprintable() or unicodedata.category(char) == "Zs" else ascii(char)[1:-1] for char in text
    )


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add `--format`, None when not given."""
    choices, default = ("json", "table"), "table on a terminal, else json"
    parser.add_argument("--format", choices=choices, help=f"form of the output (default: {default})")


def wants_table(arguments: argparse.Namespace) -> bool:
    """Whether the output is for people: asked for, or not asked and stdout is a terminal."""
    return arguments.format == "table" or (arguments.format is None and sys.stdout.isatty())
