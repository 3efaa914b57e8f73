"""Items of a JSON list, one by one, each with the line on which it begins."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.errors import DataError

_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


def read_json_list(file: Path, item: str, advice: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (`file:line: item N`, object) for each object in the list that a UTF-8 file is; `item` is what each is.

    Raises DataError for a file that cannot be read, is not UTF-8 or no list, where `advice` says what to do, and with
    file, line and item for what is no JSON or no object, and for what follows the list.
    """
    content = _content(file)
    position = len(content) - len(content.lstrip())
    if not content.startswith("[", position):
        raise DataError(f"{file}: not a list of {item}s; {advice}")
    line = number = counted = 0
    position = _next(content, position + 1)
    while not content.startswith("]", position):
        number += 1
        line, counted = line + content.count("\n", counted, position), position
        place = f"{file}:{line + 1}: {item} {number}"
        try:
            value, position = _DECODER.raw_decode(content, position)
        except (ValueError, RecursionError):
            raise DataError(f"{place}: not valid JSON") from None
        if not isinstance(value, dict):
            raise DataError(f"{place}: not an object")
        yield place, value
        position = _next(content, position)
    if content[position + 1 :].strip():
        line += content.count("\n", counted, position)
        raise DataError(f"{file}:{line + 1}: more follows the list of {item}s")


def _content(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from None


def _next(content: str, position: int) -> int:
    """The position after white space and commas."""
    match = _BETWEEN.match(content, position)
    return match.end() if match else position
