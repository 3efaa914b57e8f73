"""Markdown tables."""

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

_MARKDOWN = re.compile(r"[\\`*\[\]]|(?<![^\W_])_|_(?![^\W_])")
"""Characters that Markdown reads; an underscore within a word is none."""


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; floats with four digits, everything else escaped."""
    lines = [[escape(name) for name in header], ["---"] * len(header), *([_cell(item) for item in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if value is None:
        return "–"
    return escape(value) if isinstance(value, str) else f"{value:,}"


def escape(text: str) -> str:
    """`text` on one line, so that neither Markdown nor HTML finds anything in it."""
    marked = _MARKDOWN.sub(r"\\\g<0>", html.escape(" ".join(text.splitlines()), quote=False))
    return marked.replace("|", "&#124;")
