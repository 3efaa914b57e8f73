"""What a folder of results knows of its scan, so that a second run goes on, does nothing, or is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import DataError
from schemas.files import write_whole
from serving.scan.databases.connection import is_database
from serving.scan.settings import ScanSettings
from serving.scan.sources import SourceFile

_NAME = "scan.json"


@dataclass(frozen=True, slots=True)
class Begun:
    """A scan that has its folder: its files, those that came later and are left out, and whether it is finished."""

    files: tuple[SourceFile, ...]
    later: tuple[SourceFile, ...] = ()
    is_finished: bool = False


@dataclass(frozen=True, slots=True)
class ScanState:
    """The scan of `files` in the folder `out`."""

    out: Path
    settings: ScanSettings
    files: tuple[SourceFile, ...]

    def begin(self) -> Begun:
        """Make the folder ready. A scan that was ended goes on with the files that it began with.

        Raises DataError for a folder with another scan, whose difference it names, or with anything else in it.
        """
        path = self.out / _NAME
        if path.exists():
            return self._resume(path)
        self._remove_temporary(f".{_NAME}.*.tmp")
        if self.out.exists() and (not self.out.is_dir() or any(self.out.iterdir())):
            raise DataError(f"{self.out}: is not an empty folder and holds no scan; choose another one")
        self.out.mkdir(parents=True, exist_ok=True)
        self._write(self.files, finished=False)
        return Begun(self.files)

    def finish(self, begun: Begun) -> None:
        """Note that the scan is finished."""
        self._write(begun.files, finished=True)

    def forget(self) -> None:
        """Leave the folder as it was before this scan, of which there are no results."""
        (self.out / _NAME).unlink()

    def _resume(self, path: Path) -> Begun:
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            settings, finished = dict(known["settings"]), bool(known["finished"])
            files = [SourceFile(str(name), str(shown), int(size), str(at)) for name, shown, size, at in known["files"]]
        except (ValueError, KeyError, TypeError):
            raise DataError(f"{path}: is not what a scan wrote") from None
        asked = self.settings.described
        other = [name for name in {**asked, **settings} if asked.get(name) != settings.get(name)]
        if other:
            raise DataError(f"{self.out}: holds a scan with another {', '.join(other)}; choose another folder")
        begun = self._begun(files, finished)
        if not finished:
            self._remove_temporary("**/.*.tmp")
        return begun

    def _begun(self, known: Sequence[SourceFile], is_finished: bool) -> Begun:
        """The scan of the files `known` to the folder. Those of one that was ended may have changed or be gone."""
        now = {tuple(_row(file)): file for file in self.files}
        rows, places = [_row(file) for file in known], {(file.name, file.shown) for file in known}
        others = [file for file in self.files if _row(file) not in rows]
        gone = [file for file in known if tuple(_row(file)) not in now]
        is_same = any((file.name, file.shown) in places for file in self.files)
        if (others or gone) and (is_finished or not is_same or any(is_database(file.shown) for file in others + gone)):
            name = f" ({others[0].name} is new or has changed)" if others else ""
            raise DataError(f"{self.out}: holds a scan of other files{name}; choose another folder")
        later = tuple(file for file in others if (file.name, file.shown) not in places)
        return Begun(tuple(now.get(tuple(_row(file)), file) for file in known), later, is_finished)

    def _remove_temporary(self, pattern: str) -> None:
        """Remove what a scan that was killed was writing."""
        for path in self.out.glob(pattern):
            if not path.is_dir():
                path.unlink()

    def _write(self, files: Sequence[SourceFile], *, finished: bool) -> None:
        row = {"settings": self.settings.described, "files": list(map(_row, files)), "finished": finished}
        write_whole(self.out / _NAME, json.dumps(row, ensure_ascii=False, indent=1) + "\n")


def _row(file: SourceFile) -> list[str | int]:
    return [file.name, file.shown, file.size, file.version]
