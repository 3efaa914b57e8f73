"""Files of this machine that a source stands for: a file, those of a folder, or those that match a glob."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import takewhile
from pathlib import Path

from schemas.errors import DataError
from serving.redaction.documents.plan import plan

_MAGIC = ("*", "?", "[")
_LOCAL = ("file://", "local://")


def as_path(source: str) -> str:
    """`source`, of which a URL of a file of this machine becomes its path."""
    return next((source.removeprefix(scheme) for scheme in _LOCAL if source.startswith(scheme)), source)


def readable(path: str | Path) -> str:
    """`path` as people may read it, also where its bytes are not UTF-8."""
    return os.fsencode(path).decode(errors="replace")


@dataclass
class Paths:
    """Finds files, and keeps what it leaves out with the reason. Results are written into `out`."""

    out: Path
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def files(self, source: str) -> Iterator[tuple[Path, Path]]:
        """The files that `source` stands for, and their names below it. Raises DataError where there is none."""
        path = Path(source)
        if any(char in source for char in _MAGIC) and not path.exists():
            yield from self._of_glob(path)
        elif not path.exists():
            raise DataError(f"{readable(path)}: no such file or folder")
        elif path.is_dir():
            planned = plan(path, self.out / "redacted")
            for one in planned.left_out:
                self._leave_out(one.path, one.reason.replace("can be read", "can be scanned"))
            yield from ((job.source, job.name) for job in planned.jobs)
        elif self._is_file(path):
            yield path, Path(path.name)

    def _of_glob(self, pattern: Path) -> Iterator[tuple[Path, Path]]:
        """The files that match, by their names below the last folder before the first wildcard."""
        base = Path(*takewhile(lambda part: not any(char in part for char in _MAGIC), pattern.parts))
        steps, out = pattern.parts[len(base.parts) :], Path(os.path.realpath(self.out))
        matches = sorted(set(self._matches(base, steps)))
        found = [path for path in matches if not Path(os.path.realpath(path)).is_relative_to(out)]
        if not found:
            place = "is in the folder for the results; choose another one" if matches else "no file matches"
            raise DataError(f"{readable(pattern)}: {place}")
        for path in found:
            if path.is_dir():
                if "**" not in steps:
                    self._leave_out(path, "a folder; a pattern with ** reaches what is in it")
            elif self._is_file(path):
                yield path, path.relative_to(base)

    def _matches(self, folder: Path, steps: Sequence[str]) -> Iterator[Path]:
        """What matches the pattern of `steps` below `folder`; as in a shell, `*` is no name with a dot before it."""
        step, *others = steps
        if step == "**":
            for below in self._folders(folder):
                yield from self._matches(below, others or ["*"])
            return
        for name in self._names(folder) if any(char in step for char in _MAGIC) else [step]:
            path = folder / name
            if name == step or (fnmatchcase(name, step) and (step.startswith(".") or not name.startswith("."))):
                if not others and os.path.lexists(path):
                    yield path
                elif others and path.is_dir():
                    yield from self._matches(path, others)

    def _folders(self, folder: Path) -> Iterator[Path]:
        """`folder` and those below it, each once: by a link only where no other way leads to it."""
        waiting, links, seen = deque([folder]), deque[Path](), set[str]()
        while waiting or links:
            path = waiting.popleft() if waiting else links.popleft()
            real = os.path.realpath(path)
            if real in seen:
                continue
            seen.add(real)
            yield path
            below = [path / name for name in self._names(path) if not name.startswith(".")]
            for one in filter(Path.is_dir, below):
                (links if one.is_symlink() else waiting).append(one)

    def _names(self, folder: Path) -> list[str]:
        try:
            return sorted(path.name for path in folder.iterdir())
        except OSError as error:
            self._leave_out(folder, f"a folder that cannot be read ({error.strerror})")
            return []

    def _is_file(self, path: Path) -> bool:
        if not path.is_file():
            self._leave_out(path, "no regular file" if path.exists() else "a link that leads nowhere")
        return path.is_file()

    def _leave_out(self, path: Path, reason: str) -> None:
        if (row := (readable(path), reason)) not in self.left_out:
            self.left_out.append(row)
