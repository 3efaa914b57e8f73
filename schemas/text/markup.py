"""Asterisks that Markdown reads as emphasis, which tell a model nothing and hide names from it."""

import re

from schemas.text.surnames import SURNAMES
from schemas.text.text import Text

_EMPHASIS = re.compile(
    rf"(?<![*\\0-9A-Za-z{SURNAMES}])(\*{{2,3}})(?![\s*])([^*\n]{{1,200}})(?<![\s\\])\1(?!\*)"  # 张** is a masked name
    r"|(?<![*\\\w])(\*)(?![\s*])([^*\n]{1,200})(?<![\s\\])\3(?![*\w])"
)
"""https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis, within a line and without nesting."""


def without_emphasis(text: Text) -> str:
    """The folded `text` with a space for each asterisk of emphasis: `**张三**` becomes `  张三  `."""
    return Text.of(_EMPHASIS.sub(_blank, text)).folded if "*" in text else text.folded


def _blank(match: re.Match[str]) -> str:
    marks, inner = (match[1], match[2]) if match[1] else (match[3], match[4])
    space = " " * len(marks)
    return f"{space}{inner}{space}"
