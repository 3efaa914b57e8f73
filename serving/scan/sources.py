"""Which files and tables a scan reads, and what it leaves out."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from schemas.errors import DataError
from serving.scan.databases.connection import is_database
from serving.scan.databases.tables import find_tables
from serving.scan.formats.registry import FILES, FORMATS, TABLE, ending_of
from serving.scan.paths import Paths, as_path, readable
from serving.scan.storage import list_url, state_of
from serving.scan.urls import is_url, looks_like_url, shown_url


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file: its `name` in findings, relative to the source that named it, its path or URL, and what it is now."""

    name: str
    path: str = field(repr=False)
    size: int
    version: str

    @property
    def has_changed(self) -> bool:
        """Whether it is another one by now, or gone."""
        return state_of(self.path) != (self.size, self.version)

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
        return shown_url(self.path) if is_url(self.path) else readable(self.path)


class SourceTable(SourceFile):
    """A table of a database, whose path has all that a connection needs."""

    @property
    def has_changed(self) -> bool:
        """Never: what is read of it is what its parts find."""
        return False

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
        raise DataError(f"{_shown(sources[0])}: contains no file that can be scanned; they end in {', '.join(FILES)}")
    return Sources(tuple(files), tuple(left_out))


def _shown(source: str) -> str:
    """`source` as people may read it: as it is where it is a file of this machine, though it may look like a URL."""
    path = as_path(source)
    return shown_url(path) if is_url(path) or not os.path.lexists(path) else readable(path)


def _found(source: str, out: Path, tables: Sequence[str], left_out: list[tuple[str, str]]) -> Iterable[SourceFile]:
    if is_database(source):
        return _of_database(source, tables, left_out)
    path = as_path(source)
    if is_url(path):
        return _of_url(path)
    if looks_like_url(path) and not (os.path.lexists(path) or glob.glob(path)):  # noqa: PTH207 - a pattern of Path.glob has no folders before it
        raise DataError(f"{shown_url(path)}: no such file or folder; a URL has :// behind its scheme")
    return _of_path(path, out, left_out)


def _of_database(url: str, names: Sequence[str], left_out: list[tuple[str, str]]) -> Iterator[SourceFile]:
    tables, others = find_tables(url, names)
    if not tables:
        raise DataError(f"{shown_url(url)}: has no table")
    left_out += [(f"{shown_url(url)}#{name}", reason) for name, reason in others]
    return (SourceTable(name, path, 0, version) for name, path, version in tables)


def _of_path(source: str, out: Path, left_out: list[tuple[str, str]]) -> Iterator[SourceFile]:
    for path, name in Paths(out, left_out).files(source):
        if (state := state_of(str(path))) is not None:
            yield SourceFile(readable(name), str(path), *state)


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
            raise DataError(f"{file.shown}: is in the folder for the results; choose another one")
        names |= {file.name, file.copy}
