"""Files that are scanned: on this machine, or behind a URL that fsspec knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from schemas.errors import DataError
from serving.scan.parts import ReadError
from serving.scan.urls import is_url, shown_url


def open_file(path: str) -> BinaryIO:
    """Open the file or URL for reading. Raises ReadError, and DataError for a URL that cannot be used."""
    try:
        if not is_url(path):
            return Path(path).open("rb")
        with _usable(path):
            return cast(BinaryIO, _file_system(path)[0].open(path, "rb"))
    except OSError as error:
        raise ReadError(error.strerror or type(error).__name__) from None


def list_url(url: str) -> list[tuple[str, str, int, str]]:
    """Names below `url`, URLs, sizes in bytes and versions of what it stands for: a file, a folder or a glob.

    Raises OSError, and DataError for a URL that cannot be used.
    """
    with _usable(url):
        system, root = _file_system(url)
        found = system.glob(url, detail=True) if "*" in url else system.find(url, detail=True)
        rows = {path: row if "type" in row else system.info(path) for path, row in sorted(found.items())}
        base = root.partition("*")[0].rpartition("/")[0] if "*" in url else root.rstrip("/")
        return [
            (_name(path, base), system.unstrip_protocol(path), int(row["size"] or 0), _version(row))
            for path, row in rows.items()
            if row["type"] == "file"
        ]


def _name(path: str, base: str) -> str:
    """The name of the file at `path` below `base`."""
    return PurePosixPath(shown_url(path)).name if path == base else shown_url(path.removeprefix(f"{base}/"))


def _file_system(url: str) -> tuple[Any, str]:
    """The file system of `url`, and how it calls its root."""
    import fsspec

    system, root = fsspec.core.url_to_fs(url)
    return system, str(root)


def _version(row: dict[str, Any]) -> str:
    """What changes with the file: a tag or a time, by the names that file systems have for them."""
    names = ("ETag", "etag", "mtime", "LastModified", "last_modified", "modified", "updated", "created")
    return next((str(row[name]) for name in names if row.get(name)), "")


@contextmanager
def _usable(url: str) -> Iterator[None]:
    """Turn what goes wrong about a URL into a DataError that names it, but for an OSError with a number."""
    try:
        yield
    except ImportError as error:
        if error.name == "fsspec":
            raise
        raise DataError(f"{shown_url(url)}: such URLs need one more package, as s3:// needs s3fs") from None
    except Exception as error:  # each file system has errors of its own
        if isinstance(error, OSError) and error.errno:
            raise
        raise DataError(f"{shown_url(url)}: cannot be opened ({type(error).__name__})") from None
