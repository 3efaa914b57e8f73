"""Files that are scanned: on this machine, or behind a URL that fsspec knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EIO
from io import BufferedReader, RawIOBase
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from schemas.errors import DataError
from serving.scan.parts import ReadError
from serving.scan.urls import is_url, shown_url

_WEB = ("http://", "https://")
_WILD = re.compile(r"/?[^/]*[*?\[].*", re.DOTALL)
"""The first step of a path that has a wildcard, and all behind it."""


class _RemoteFile(RawIOBase):
    """A file of fsspec with all that files of Python can do; what goes wrong while it is read is an OSError.

    It keeps its file system, since an archive that nobody keeps is closed.
    """

    def __init__(self, system: Any, path: str) -> None:
        self._system = system
        self._file = system.open(path, "rb")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _told():
            data: bytes = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        with _told():
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        super().close()
        with _told():
            self._file.close()


def open_file(path: str) -> BinaryIO:
    """Open the file or URL for reading. Raises ReadError, and DataError for a URL that cannot be used."""
    try:
        if not is_url(path):
            return Path(path).open("rb")
        with _usable(path):
            return BufferedReader(_RemoteFile(*_file_system(path)))
    except OSError as error:
        raise ReadError.of(error) from None


def list_url(url: str) -> list[tuple[str, str, int, str]]:
    """Names below `url`, URLs, sizes in bytes and versions of what it stands for: a file, a folder or a glob.

    Raises OSError, and DataError for a URL that cannot be used.
    """
    if url.startswith(_WEB):
        raise DataError(f"{shown_url(url)}: a web server lists no files; name a URL of a file store, such as s3://")
    with suppress(FileNotFoundError), _usable(url):
        system, root = _file_system(url)
        system.invalidate_cache()
        wild = _WILD.search(root)
        pattern = wild[0] if wild and not system.exists(root) else ""
        base = root.removesuffix(pattern).rstrip("/")
        return [
            (_name(path, base), _url(path, base, url, pattern, system), int(row["size"]), _version(row))
            for path, row in sorted(_rows(system, root, is_glob=bool(pattern)).items())
            if row["type"] == "file"
        ]
    return []


def state_of(path: str) -> tuple[int, str] | None:
    """The size in bytes and the version of the file or URL; None if there is none.

    Raises OSError, and DataError for a URL that cannot be used.
    """
    if is_url(path):
        return next(((size, version) for _, found, size, version in list_url(path) if found == path), None)
    try:
        status = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_size, str(status.st_mtime_ns)


def _rows(system: Any, root: str, *, is_glob: bool) -> dict[str, dict[str, Any]]:
    """What `system` says of each path that `root` stands for.

    Some file systems list folders alone: of a file they say nothing, or what it would have below it.
    """
    found: dict[str, dict[str, Any]] = (system.glob if is_glob else system.find)(root, detail=True)
    return {root: system.info(root)} if not is_glob and not found.get(root) and system.isfile(root) else found


def _name(path: str, base: str) -> str:
    """The name of the file at `path` below `base`, or its own name where it is `base`."""
    if path == base:
        return PurePosixPath(path).name
    return (path.removeprefix(base) if _is_below(path, base) else shown_url(path)).lstrip("/")


def _url(path: str, base: str, url: str, pattern: str, system: Any) -> str:
    """The URL of the file at `path`: `url`, which may name a host, a user and a chain, up to `base`, and what follows.

    `pattern` is what stands behind `base` in `url`.
    """
    head, chain, others = url.partition("::")
    scheme, _, place = head.partition("://")
    place, step = place.rstrip("/"), pattern.lstrip("/")
    start = place.removesuffix(step).rstrip("/") if place.endswith(step) else ""
    if start and _is_below(path, base):
        below = path.removeprefix(base).lstrip("/")
        return f"{scheme}://{start}{below and '/'}{below}{chain}{others}"
    return f"{scheme}://{path}{chain}{others}" if chain else str(system.unstrip_protocol(path))


def _is_below(path: str, base: str) -> bool:
    """Whether `path` is `base` or below it."""
    return not base or f"{path}/".startswith(f"{base}/")


def _file_system(url: str) -> tuple[Any, str]:
    """The file system of `url`, and how it calls its root."""
    import fsspec

    system, root = fsspec.core.url_to_fs(url)
    return system, str(root)


def _version(row: dict[str, Any]) -> str:
    """What changes with the file: a tag, a checksum or a time, by the names that file systems have for them."""
    tags = ("ETag", "etag", "CRC")
    times = "mtime LastModified last_modified modified modify modificationTime updated created".split()
    return next((str(row[name]) for name in (*tags, *times) if row.get(name)), "")


@contextmanager
def _usable(url: str) -> Iterator[None]:
    """Turn what goes wrong about a URL into a DataError that names it, but for OSErrors with a number or of no file."""
    try:
        yield
    except ImportError as error:
        if error.name == "fsspec":
            raise
        raise DataError(f"{shown_url(url)}: such URLs need one more package, as s3:// needs s3fs") from None
    except Exception as error:  # each file system has errors of its own
        if isinstance(error, FileNotFoundError) or (isinstance(error, OSError) and error.errno):
            raise
        raise DataError(f"{shown_url(url)}: cannot be opened ({type(error).__name__})") from None


@contextmanager
def _told() -> Iterator[None]:
    """Turn the errors of a file system into OSErrors with their names alone: their texts may hold what was read."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(EIO, f"the file store failed ({type(error).__name__})") from None
