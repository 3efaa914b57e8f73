"""Files that appear whole or not at all, and texts that were read as what they are not."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EEXIST
from pathlib import Path
from zlib import crc32

from schemas.errors import DataError

_NAME = 40
"""Characters of a file's name that its temporary file has too, whose name must not be longer than a name may be.

A checksum tells files apart whose names begin so.
"""


@contextmanager
def replacing(path: Path, like: Path | None = None) -> Iterator[Path]:
    """A temporary file's path beside `path`, which takes its place at the end or, on any error, is removed.

    It gets the rights of the file whose place it takes, a new one those of the file `like`. Of a link the target is
    replaced, not the link. An OSError about the temporary file names `path`.
    """
    place = Path(os.path.realpath(path))
    partial = place.with_name(f".{place.name[:_NAME]}.{crc32(os.fsencode(place.name)):08x}.{os.getpid()}.tmp")
    try:
        if like is not None:
            os.close(os.open(partial, os.O_CREAT | os.O_WRONLY, stat.S_IMODE(like.stat().st_mode) | stat.S_IWUSR))
        yield partial
        if place.exists():
            shutil.copymode(place, partial)
        elif like is not None:
            shutil.copymode(like, partial)
        partial.replace(place)
    except BaseException as error:
        with suppress(OSError):
            partial.unlink()
        if isinstance(error, OSError) and error.filename == str(partial):
            error.filename, error.filename2 = str(path), None
        raise


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """An empty folder beside `path`, which takes its place whole at the end or, on any error, is removed.

    A folder that is there already is kept until then. An OSError about the temporary folder names `path`; it is a
    FileExistsError where `path` holds a file that the new folder lacks, and which would be lost.
    """
    place = path.resolve()
    partial, before = (place.with_name(f".{place.name[:_NAME]}.{os.getpid()}.{end}") for end in ("tmp", "old"))
    try:
        partial.mkdir(parents=True)
        yield partial
        if place.exists():
            lost = {file.name for file in place.iterdir()} - {file.name for file in partial.iterdir()}
            if lost:
                raise FileExistsError(
                    EEXIST, f"holds {min(lost)}, which would be lost; choose another folder", str(path)
                )
            place.rename(before)
        partial.rename(place)
    except OSError as error:
        if error.filename is not None and Path(str(error.filename)).is_relative_to(partial):
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(before, ignore_errors=True)


def check_encoding(text: str, name: str) -> None:
    """Raise DataError, with `name`, when `text` has the NUL characters that UTF-16 read as UTF-8 has."""
    if "\0" in text:
        raise DataError(f"{name}: has NUL characters, as texts in UTF-16 do; save it as UTF-8")


def write_whole(path: Path, content: str, *, private: bool = False) -> None:
    """Write `content` in UTF-8 to `path`, which appears whole or not at all; a new `private` file is its owner's alone.

    Raises OSError when the folder cannot be written.
    """
    with replacing(path) as partial:
        partial.touch(mode=0o600 if private else 0o666)
        partial.write_text(content, encoding="utf-8", newline="\n")
