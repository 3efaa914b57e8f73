"""What a folder of results knows of its scan, so that a second run goes on, does nothing, or is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.errors import DataError
from schemas.files import write_whole
from serving.scan.settings import ScanSettings
from serving.scan.sources import SourceFile

_NAME = "scan.json"


@dataclass(frozen=True, slots=True)
class ScanState:
    """The scan of `files` in the folder `out`."""

    out: Path
    settings: ScanSettings
    files: tuple[SourceFile, ...]

    def begin(self) -> bool:
        """Make the folder ready, and say whether the scan is finished already.

        Raises DataError for a folder with another scan, whose difference it names, or with anything else in it.
        """
        path = self.out / _NAME
        if path.exists():
            return self._resume(path)
        self._remove_temporary(f".{_NAME}.*.tmp")
        if self.out.exists() and (not self.out.is_dir() or any(self.out.iterdir())):
            raise DataError(f"{self.out}: is not an empty folder and holds no scan; choose another one")
        self.out.mkdir(parents=True, exist_ok=True)
        self._write(finished=False)
        return False

    def finish(self) -> None:
        """Note that the scan is finished."""
        self._write(finished=True)

    def _resume(self, path: Path) -> bool:
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            settings, files, finished = known["settings"], known["files"], known["finished"]
        except (ValueError, KeyError, TypeError):
            raise DataError(f"{path}: is not what a scan wrote") from None
        asked = self.settings.described
        other = [name for name in {**asked, **settings} if asked.get(name) != settings.get(name)]
        if other:
            raise DataError(f"{self.out}: holds a scan with another {', '.join(other)}; choose another folder")
        if files != self._files():
            raise DataError(f"{self.out}: holds a scan of other files{self._changed(files)}; choose another folder")
        if not finished:
            self._remove_temporary("**/.*.tmp")
        return bool(finished)

    def _remove_temporary(self, pattern: str) -> None:
        """Remove what a scan that was killed was writing."""
        for path in self.out.glob(pattern):
            path.unlink()

    def _changed(self, files: list[list[Any]]) -> str:
        """The first file that is another one now, if it can be named."""
        name = next((file[0] for file in self._files() if file not in files), "")
        return f" ({name} is new or has changed)" if name else ""

    def _files(self) -> list[list[Any]]:
        return [[file.name, file.shown, file.size, file.version] for file in self.files]

    def _write(self, *, finished: bool) -> None:
        row = {"settings": self.settings.described, "files": self._files(), "finished": finished}
        write_whole(self.out / _NAME, json.dumps(row, ensure_ascii=False, indent=1) + "\n")
