"""Puts the outputs of parts together, file by file and in order, so that it does not matter who did which part when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from schemas.errors import DataError
from schemas.files import replacing
from serving.scan.findings import FindingsWriter, read_findings, writing_findings
from serving.scan.formats.registry import FORMATS, ending_of
from serving.scan.parts import Part, ReadError
from serving.scan.receipts import COPY, FINDINGS, QUARANTINE, PartStore
from serving.scan.scan_part import writable
from serving.scan.settings import ScanSettings
from serving.scan.sources import SourceFile
from serving.scan.tally import Tally


@dataclass
class ScannedFile:
    """A file of a scan and its parts; `fault` says why nothing of it counts. `tally` is of all parts."""

    source: SourceFile
    parts: list[Part]
    unread: tuple[str, ...] = ()
    fault: str = ""
    tally: Tally = field(default_factory=Tally)
    lost: list[tuple[Part, str]] = field(default_factory=list)
    """Parts that could not be read, and why."""


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
                if not file.fault:
                    self._add_findings(file, findings)
                    self._write_copy(file)

    def _read_receipts(self, file: ScannedFile) -> None:
        for part in file.parts:
            receipt = self.store.receipt(part)
            if receipt is None:
                raise DataError(f"{self.store.folder}: a part is missing; run the command again")
            if receipt.fault:
                file.lost.append((part, receipt.fault))
                receipt.tally.rows = part.rows or 0
            file.tally.add(receipt.tally)
        uncounted = [fault for part, fault in file.lost if part.rows is None]
        missing = (
            [name for name in self.settings.columns if name not in file.tally.found] if file.tally.searched else []
        )
        if uncounted:
            file.fault = uncounted[0]
        elif missing:
            file.fault = f"no record has the column {missing[0]}"

    def _quarantined(self, file: ScannedFile) -> Iterator[dict[str, Any]]:
        if file.fault:
            yield {"reason": file.fault}
            return
        faults = {part.key: fault for part, fault in file.lost}
        for part, first in self._places(file):
            if part.key in faults:
                rows = [first, first + (part.rows or 0) - 1]
                yield {"row_group": part.start, "rows": rows, "reason": faults[part.key]}
                continue
            with self.store.path(part, QUARANTINE).open(encoding="utf-8") as lines:
                for line in lines:
                    row = json.loads(line)
                    yield {"row": first + row["row"], "reason": row["reason"]}

    def _add_findings(self, file: ScannedFile, findings: FindingsWriter) -> None:
        lost = {part.key for part, _ in file.lost}
        for part, first in self._places(file):
            if part.key not in lost:
                with self.store.path(part, FINDINGS).open("rb") as stream:
                    for found in read_findings(stream):
                        findings.add((file.source.name, first + found[1], *found[2:]))

    def _write_copy(self, file: ScannedFile) -> None:
        if not self.settings.operator:
            return
        lost = {part.key for part, _ in file.lost}
        target, source = self.out / "redacted" / file.source.name, file.source
        target.parent.mkdir(parents=True, exist_ok=True)
        scan_format = FORMATS[ending_of(source.name)]
        try:
            with (
                _whole(target) as stream,
                scan_format.joining(file.parts, source.path, self.settings.columns, stream) as join,
            ):
                for part in file.parts:
                    if part.key not in lost:
                        with self.store.path(part, COPY).open("rb") as copy:
                            join(copy)
        except ReadError as error:
            raise DataError(f"{source.path}: {error}") from None

    def _places(self, file: ScannedFile) -> Iterator[tuple[Part, int]]:
        """The parts, and the number of the first row of each."""
        first = 0
        for part in file.parts:
            yield part, first
            if part.rows is None:
                receipt = self.store.receipt(part)
                first += receipt.tally.rows if receipt else 0
            else:
                first += part.rows


def _line(name: str, row: dict[str, Any]) -> bytes:
    return json.dumps({"file": name, **row}, ensure_ascii=False).encode() + b"\n"


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A stream into a file that appears whole or not at all."""
    with replacing(path) as partial, writable(partial) as stream:
        yield stream
