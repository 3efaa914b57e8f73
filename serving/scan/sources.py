"""Which files and tables a scan reads, and what it leaves out."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path, PurePosixPath

from schemas.errors import DataError
from serving.redaction.documents.plan import plan
from serving.scan.databases.connection import is_database
from serving.scan.databases.tables import find_tables
from serving.scan.formats.registry import FILES, FORMATS, TABLE, ending_of
from serving.scan.storage import list_url
from serving.scan.urls import is_url, looks_like_url, shown_url

_MAGIC = ("*", "?", "[")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file: its `name` in findings, relative to the source that named it, its path or URL, and what it is now."""

    name: str
    path: str = field(repr=False)
    size: int
    version: str

    @property
    def format(self) -> str:
        """The name of its format."""
        return ending_of(self.name)

    @property
    def copy(self) -> str:
        """The name of its redacted copy."""
        return self.name

    @property
    def shown(self) -> str:
        """The path as people may read it."""
        return shown_url(self.path) if is_url(self.path) else self.path


class SourceTable(SourceFile):
    """A table of a database, whose path has all that a connection needs."""

    @property
    def format(self) -> str:
        """As `SourceFile` has it."""
        return TABLE

    @property
    def copy(self) -> str:
        """As `SourceFile` has it; a slash would be a folder."""
        return f"{self.name.replace('/', '%2F')}.parquet"

    @property
    def shown(self) -> str:
        """As `SourceFile` has it."""
        return f"{shown_url(self.path.rpartition('#')[0])}#{self.name}"


@dataclass(frozen=True, slots=True)
class Sources:
    """The files and tables of a scan in order, and paths that it leaves out with the reason."""

    files: tuple[SourceFile, ...]
    left_out: tuple[tuple[str, str], ...]


def find_sources(sources: Sequence[str], out: Path, tables: Sequence[str] = ()) -> Sources:
    """The files that `sources` (files, folders, globs, URLs) stand for; copies of them go below `out`.

    A database stands for `tables`, or for all of its tables. Raises DataError for a source that stands for no file, for
    two files of one name, for an `out` in a folder that is scanned, and for `tables` without a database.
    """
    if tables and not any(map(is_database, sources)):
        raise DataError("--table names tables of databases, and no source is one")
    files: list[SourceFile] = []
    left_out: list[tuple[str, str]] = []
    for source in sources:
        for file in _found(source, out, tables, left_out):
            if file.format in FORMATS:
                files.append(file)
            else:
                left_out.append((file.shown, "not a kind of file that can be scanned"))
    _check(files, out)
    if not files:
        raise DataError(
            f"{shown_url(sources[0])}: contains no file that can be scanned; they end in {', '.join(FILES)}"
        )
    return Sources(tuple(files), tuple(left_out))


def _found(source: str, out: Path, tables: Sequence[str], left_out: list[tuple[str, str]]) -> Iterable[SourceFile]:
    if is_database(source):
        return _of_database(source, tables, left_out)
    if is_url(source):
        return _of_url(source)
    if looks_like_url(source) and not glob.glob(source):  # noqa: PTH207 - the same as below
        raise DataError(f"{shown_url(source)}: no such file or folder; a URL has :// behind its scheme")
    return _of_path(source, out, left_out)


def _of_database(url: str, names: Sequence[str], left_out: list[tuple[str, str]]) -> Iterator[SourceFile]:
    tables, others = find_tables(url, names)
    if not tables:
        raise DataError(f"{shown_url(url)}: has no table")
    left_out += [(f"{shown_url(url)}#{name}", reason) for name, reason in others]
    return (SourceTable(name, path, 0, version) for name, path, version in tables)


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
        raise DataError(f"{shown_url(url)}: no such file or folder")
    yield from (SourceFile(*file) for file in listed)


def _check(files: Iterable[SourceFile], out: Path) -> None:
    """Raise DataError for files whose copies would take the place of one another, or of what lies elsewhere."""
    names: set[str] = set()
    folder = Path(os.path.realpath(out))
    for file in files:
        if names & {file.name, file.copy}:
            raise DataError(
                f"{file.shown}: another file of this scan is called {file.name}; scan them into two folders"
            )
        if ".." in PurePosixPath(file.copy).parts or file.copy.startswith("/"):
            raise DataError(f"{file.shown}: its name leads out of the folder")
        if not is_url(file.path) and folder in Path(os.path.realpath(file.path)).parents:
            raise DataError(f"{file.path}: is in the folder for the results; choose another one")
        names |= {file.name, file.copy}
