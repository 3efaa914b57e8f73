"""Files that appear whole or not at all."""

import os
from pathlib import Path


def write_whole(path: Path, content: str) -> None:
    """Write `content` in UTF-8 to `path`: under another name first, which then takes its place.

    Raises OSError when the folder cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        partial.write_text(content, encoding="utf-8", newline="\n")
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
