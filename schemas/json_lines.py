"""Lines of JSON Lines (https://jsonlines.org)."""

import json
from typing import Any

_BREAKS = "\x85\u2028\u2029"


def json_line(value: Any) -> str:
    """`value` as one line, with its line feed.

    Unicode's other line breaks, at which many a reader splits a text, are escaped.
    """
    line = json.dumps(value, ensure_ascii=False)
    for char in _BREAKS:
        line = line.replace(char, f"\\u{ord(char):04x}")
    return line + "\n"
