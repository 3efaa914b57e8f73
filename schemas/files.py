"""Files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file's path beside `path`, which takes its place at the end or, on any error, is removed."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield partial
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: str) -> None:
    """Write `content` in UTF-8 to `path`, which appears whole or not at all.

    Raises OSError when the folder cannot be written.
    """
    with replacing(path) as partial:
        partial.write_text(content, encoding="utf-8", newline="\n")
