"""What is written where: a file, or the files of a folder, none of which may be lost by it."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from schemas.errors import DataError
from serving.redaction.documents.files import is_known


class Job(NamedTuple):
    """A file, where its new form goes, and the part of that path which comes from its own name."""

    source: Path
    target: Path
    name: Path


class LeftOut(NamedTuple):
    """A file or folder that is left out, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The jobs of a run in order, and what it leaves out."""

    jobs: tuple[Job, ...]
    left_out: tuple[LeftOut, ...] = ()

    def check(self, out: Iterable[Path], others: Iterable[Path]) -> None:
        """Raise DataError when a target or a file of `out` is also a source, one of `others`, or written twice."""
        paths = {os.path.realpath(path) for path in (*others, *(job.source for job in self.jobs))}
        for path in (*out, *(job.target for job in self.jobs)):
            real = os.path.realpath(path)
            if real in paths:
                raise DataError(f"{path}: is read or written twice by this command; choose another file")
            paths.add(real)


def plan(source: Path, out: Path) -> Plan:
    """The way of the file `source` to `out`, or of the files of the folder `source` to the folder `out`.

    Links that lead out of the folder are not followed. Raises DataError when `out` is
    inside the folder, and when a target is no file.
    """
    if source.is_dir():
        return _folder_plan(source, out)
    _check_target(out)
    return Plan((Job(source, out, Path(out.name)),))


def _folder_plan(folder: Path, out: Path) -> Plan:
    real, real_out = Path(os.path.realpath(folder)), Path(os.path.realpath(out))
    if real == real_out or real in real_out.parents:
        raise DataError(f"{out}: is inside the folder that is read; choose another place")
    if out.exists() and not out.is_dir():
        raise DataError(f"{out}: is a file; name a folder")
    jobs, left_out = list[Job](), list[LeftOut]()
    for path in sorted(_entries(folder)):
        reason = _reason(path, real)
        if reason is None:
            name = path.relative_to(folder)
            _check_target(out / name)
            jobs.append(Job(path, out / name, name))
        else:
            left_out.append(LeftOut(path, reason))
    return Plan(tuple(jobs), tuple(left_out))


def _entries(folder: Path) -> Iterator[Path]:
    """Everything below `folder` that is no folder itself; of a link to a folder, the link."""

    def fail(error: OSError) -> None:
        raise error

    for parent, folders, files in os.walk(folder, onerror=fail):
        links = (name for name in folders if (Path(parent) / name).is_symlink())
        yield from (Path(parent) / name for name in (*links, *files))


def _reason(path: Path, folder: Path) -> str | None:
    """Why `path` is left out of the run over `folder`, which is no link; None when it is not."""
    if path.is_symlink():
        real = Path(os.path.realpath(path))
        if not real.exists():
            return "a link that leads nowhere"
        if folder not in (real, *real.parents):
            return "a link that leads out of the folder"
        if real.is_dir():
            return "a link to a folder"
    if not path.is_file():
        return "no regular file"
    return None if is_known(path) else "not a kind of file that can be read"


def _check_target(target: Path) -> None:
    if target.is_dir():
        raise DataError(f"{target}: is a folder; name a file")
    if target.exists() and not target.is_file():
        raise DataError(f"{target}: is no regular file")
