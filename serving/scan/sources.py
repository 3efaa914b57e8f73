"""Which files a scan reads, and what it leaves out."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath

from schemas.errors import DataError
from serving.redaction.documents.plan import plan
from serving.scan.formats.registry import FORMATS, ending_of
from serving.scan.storage import is_url, list_url

_MAGIC = ("*", "?", "[")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file: its `name` in findings, relative to the source that named it, its path or URL, and what it is now."""

    name: str
    path: str
    size: int
    version: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a scan in order, and paths that it leaves out with the reason."""

    files: tuple[SourceFile, ...]
    left_out: tuple[tuple[str, str], ...]


def find_sources(sources: Sequence[str], out: Path) -> Sources:
    """The files that `sources` (files, folders, globs, URLs) stand for; copies of them go below `out`.

    Raises DataError for a source that stands for no file, for two files of one name, and for an `out` in a folder that
    is scanned.
    """
    files: list[SourceFile] = []
    left_out: list[tuple[str, str]] = []
    for source in sources:
        for file in _of_url(source) if is_url(source) else _of_path(source, out, left_out):
            if ending_of(file.name) in FORMATS:
                files.append(file)
            else:
                left_out.append((file.path, "not a kind of file that can be scanned"))
    _check(files, out)
    if not files:
        raise DataError(f"{sources[0]}: contains no file that can be scanned; they end in {', '.join(FORMATS)}")
    return Sources(tuple(files), tuple(left_out))


def _of_path(source: str, out: Path, left_out: list[tuple[str, str]]) -> Iterator[SourceFile]:
    path = Path(source)
    if any(char in source for char in _MAGIC) and not path.exists():
        yield from _of_glob(source, left_out)
        return
    if not path.exists():
        raise DataError(f"{source}: no such file or folder")
    planned = plan(path, out / "redacted" if path.is_dir() else out / path.name)
    left_out += [(str(one.path), one.reason.replace("redacted", "scanned")) for one in planned.left_out]
    for job in planned.jobs:
        yield _local(job.source, job.name)


def _of_glob(pattern: str, left_out: list[tuple[str, str]]) -> Iterator[SourceFile]:
    """The files that match, by their names below the last folder before the first wildcard."""
    base = Path(*takewhile(lambda part: not any(char in part for char in _MAGIC), Path(pattern).parts))
    matches = glob.glob(pattern, recursive=True)  # noqa: PTH207 - a pattern of Path.glob has no folders before it
    if not matches:
        raise DataError(f"{pattern}: no file matches")
    for path in map(Path, sorted(matches)):
        if not path.is_dir():
            yield _local(path, path.relative_to(base))
        elif "**" not in pattern:
            left_out.append((str(path), "a folder; a pattern with ** reaches what is in it"))


def _local(path: Path, name: Path) -> SourceFile:
    status = path.stat()
    readable = os.fsencode(name.as_posix()).decode(errors="replace")
    return SourceFile(readable, str(path), status.st_size, str(status.st_mtime_ns))


def _of_url(url: str) -> Iterator[SourceFile]:
    listed = list_url(url)
    if not listed:
        raise DataError(f"{url}: no such file or folder")
    base = url.split("*")[0].rpartition("/")[0] if "*" in url else url.rstrip("/")
    for path, size, version in listed:
        name = path.removeprefix(f"{base}/") if path != base else PurePosixPath(path).name
        yield SourceFile(name, path, size, version)


def _check(files: Iterable[SourceFile], out: Path) -> None:
    """Raise DataError for files whose copies would take the place of one another, or of what lies elsewhere."""
    names: set[str] = set()
    folder = Path(os.path.realpath(out))
    for file in files:
        if file.name in names:
            raise DataError(f"{file.path}: another file of this scan is called {file.name}; scan them into two folders")
        if ".." in PurePosixPath(file.name).parts or file.name.startswith("/"):
            raise DataError(f"{file.path}: its name leads out of the folder")
        if not is_url(file.path) and folder in Path(os.path.realpath(file.path)).parents:
            raise DataError(f"{file.path}: is in the folder for the results; choose another one")
        names.add(file.name)
