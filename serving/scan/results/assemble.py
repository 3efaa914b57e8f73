"""Puts the outputs of parts together, file by file and in order, so that it does not matter who did which part when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from schemas.errors import DataError
from schemas.files import replacing
from schemas.json_lines import json_line
from serving.scan.formats.registry import FORMATS
from serving.scan.parts import Part, ReadError
from serving.scan.receipts import COPY, FINDINGS, QUARANTINE, PartStore
from serving.scan.results.findings import FindingsWriter, writing_findings
from serving.scan.results.tally import Tally
from serving.scan.scan_part import writable
from serving.scan.settings import ScanSettings
from serving.scan.sources import SourceFile

_CHANGED = "changed while it was scanned"


@dataclass
class ScannedFile:
    """A file of a scan and its parts; `fault` says why nothing of it counts. `tally` is of all parts."""

    source: SourceFile
    parts: list[Part]
    unread: tuple[str, ...] = ()
    note: str = ""
    fault: str = ""
    tally: Tally = field(default_factory=Tally)
    rows: list[int] = field(default_factory=list)
    """The number of rows of each part."""
    lost: dict[Part, str] = field(default_factory=dict)
    """Parts that could not be read, and why."""
    missing: tuple[str, ...] = ()
    """Columns that no row of the sample has."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """The files that a scan writes into `out`: findings, quarantine and redacted copies."""

    out: Path
    settings: ScanSettings
    store: PartStore

    def write(self, files: Sequence[ScannedFile]) -> None:
        """Write them, each whole or not at all, and complete what is known of `files`.

        Raises DataError for a part without a receipt, OSError when an output cannot be written.
        """
        with ExitStack() as stack:
            findings_file = stack.enter_context(_whole(self.out / "findings.parquet"))
            quarantine = stack.enter_context(_whole(self.out / "quarantine.jsonl"))
            findings = stack.enter_context(writing_findings(findings_file, self.settings.values))
            for file in files:
                self._read_receipts(file)
                quarantine.writelines(_line(file.source.name, row) for row in self._quarantined(file))
                if file.fault:
                    self._copy_of(file).unlink(missing_ok=True)  # of a run that was ended before the file changed
                    continue
                self._add_findings(file, findings)
                if self.settings.operator:
                    self._write_copy(file)

    def _read_receipts(self, file: ScannedFile) -> None:
        if file.source.has_changed:
            file.fault = _CHANGED
        if file.fault:
            return
        for part in file.parts:
            receipt = self.store.receipt(part)
            if receipt is None:
                raise DataError(f"{self.store.folder}: a part is missing; run the command again")
            if receipt.fault:
                file.lost[part] = receipt.fault
                receipt.tally.rows = part.rows or 0
            file.rows.append(receipt.tally.rows)
            file.tally.add(receipt.tally)
        uncounted = [fault for part, fault in file.lost.items() if part.rows is None]
        missing = [name for name in self.settings.columns if name not in file.tally.found]
        if uncounted:
            file.fault = uncounted[0]
        elif file.tally.names and self.settings.operator:
            shown = ", ".join(dict.fromkeys(file.tally.names.values()))
            file.fault = f"names of its columns hold personal data ({shown}); it may have no header"
        elif missing and self.settings.sample:
            file.missing = tuple(missing)
        elif missing and file.tally.searched:
            file.fault = f"no record has the column {missing[0]}"

    def _quarantined(self, file: ScannedFile) -> Iterator[dict[str, Any]]:
        if file.fault:
            yield {"reason": file.fault}
            return
        for part, first in self._places(file):
            if part in file.lost:
                rows = [first, first + (part.rows or 0) - 1]
                yield {"row_group": part.start, "rows": rows, "reason": file.lost[part]}
                continue
            with self.store.path(part, QUARANTINE).open(encoding="utf-8") as lines:
                for line in lines:
                    row = json.loads(line)
                    yield {"row": first + row["row"], "reason": row["reason"]}

    def _add_findings(self, file: ScannedFile, findings: FindingsWriter) -> None:
        for part, first in self._places(file):
            if part not in file.lost:
                with self.store.path(part, FINDINGS).open("rb") as stream:
                    findings.add_part(stream, file.source.name, first)

    def _write_copy(self, file: ScannedFile) -> None:
        target, source = self._copy_of(file), file.source
        target.parent.mkdir(parents=True, exist_ok=True)
        scan_format = FORMATS[source.format]
        try:
            with (
                _whole(target) as stream,
                scan_format.joining(file.parts, source.path, self.settings.columns, stream) as join,
            ):
                for part in file.parts:
                    if part not in file.lost:
                        with self.store.path(part, COPY).open("rb") as copy:
                            join(copy)
        except ReadError as error:
            raise DataError(f"{source.shown}: {error}") from None

    def _copy_of(self, file: ScannedFile) -> Path:
        return self.out / "redacted" / file.source.copy

    def _places(self, file: ScannedFile) -> Iterator[tuple[Part, int]]:
        """The parts, and the number of the first row of each."""
        return zip(file.parts, accumulate(file.rows, initial=0), strict=False)


def _line(name: str, row: dict[str, Any]) -> bytes:
    return json_line({"file": name, **row}).encode()


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A stream into a file that appears whole or not at all."""
    with replacing(path) as partial, writable(partial) as stream:
        yield stream
