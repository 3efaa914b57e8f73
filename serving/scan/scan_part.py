"""Scans one part: the work of a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import BinaryIO

from schemas.engine import Find
from schemas.errors import InvalidTextError
from schemas.json_lines import json_line
from schemas.spans.prediction import Prediction
from serving.engines.custom_rules import CustomRulesError
from serving.redaction.documents.document import BATCH
from serving.scan.column_names import ColumnNames
from serving.scan.formats.format import Write
from serving.scan.formats.registry import FORMATS
from serving.scan.parts import Chunk, Part, ReadError
from serving.scan.paths import readable
from serving.scan.receipts import COPY, FINDINGS, OUTPUTS, QUARANTINE, PartStore, Receipt
from serving.scan.results.findings import FindingsWriter, writing_findings
from serving.scan.results.tally import Tally
from serving.scan.row_redaction import RowRedaction
from serving.scan.settings import ScanSettings


@dataclass(frozen=True, slots=True)
class Work:
    """What every worker of a scan has: what is asked, how values are found, and where parts are kept."""

    settings: ScanSettings
    find: Find
    store: PartStore

    def __call__(self, part: Part) -> Receipt:
        """Scan `part`, or take its receipt if it is finished. Raises OSError when an output cannot be written.

        A part that cannot be read is finished with a fault. What `find` raises is raised, but for rows that it refuses.
        """
        return self.store.receipt(part) or scan_part(part, self.settings, self.find, self.store)


def scan_part(part: Part, settings: ScanSettings, find: Find, store: PartStore) -> Receipt:
    """Read `part`, search it in batches, write its outputs to `store` and then its receipt."""
    try:
        names = OUTPUTS if settings.operator else (FINDINGS, QUARANTINE)
        with store.writing(part, names) as paths, _outputs(part, settings, paths) as outputs:
            scan = _PartScan(part, settings, find, outputs)
            is_copied = settings.operator is not None
            for chunk in () if is_copied and scan.tally.names else FORMATS[part.ending].chunks(part, whole=is_copied):
                scan.add(chunk)
        return store.finish(part, Receipt(scan.tally))
    except ReadError as error:
        return store.finish(part, Receipt(fault=str(error)))


@dataclass(frozen=True, slots=True)
class _Outputs:
    findings: FindingsWriter
    quarantine: Callable[[int, str], None]
    copy: Write


@contextmanager
def _outputs(part: Part, settings: ScanSettings, paths: dict[str, Path]) -> Iterator[_Outputs]:
    with ExitStack() as stack:
        files = {name: stack.enter_context(writable(path)) for name, path in paths.items()}

        def quarantine(row: int, reason: str) -> None:
            files[QUARANTINE].write(json_line({"row": row, "reason": reason}).encode())

        findings = stack.enter_context(writing_findings(files[FINDINGS], settings.values))
        copy: Write = lambda chunk, values: None  # noqa: E731
        if settings.operator:
            copy = stack.enter_context(FORMATS[part.ending].copying(part, files[COPY]))
        yield _Outputs(findings, quarantine, copy)


@contextmanager
def writable(path: Path) -> Iterator[BinaryIO]:
    """`path` opened for writing; an OSError on the way names it."""
    try:
        with path.open("wb") as file:
            yield file
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


class _PartScan:
    """The scan of a part, chunk by chunk."""

    def __init__(self, part: Part, settings: ScanSettings, find: Find, outputs: _Outputs) -> None:
        self._values, self._find, self._outputs = settings.values, find, outputs
        self._names = ColumnNames(self._search)
        if not settings.columns:
            self._names.add_row(part.header)
        self.tally = Tally(names=self._names.masked([*part.header, *part.columns]))
        self._redact = RowRedaction(settings.operator, settings.key) if settings.operator else None
        if self._redact is not None:
            self.tally.name_types = self._types_in_name(part)

    def add(self, chunk: Chunk) -> None:
        """Search the rows of `chunk`, and write what was found."""
        self.tally.rows = chunk.first + len(chunk.cells)
        self.tally.found = list(chunk.found)
        self._mask_names(chunk)
        predictions = self._predictions(chunk)
        for number, row in enumerate(predictions):
            if number in chunk.faults:
                self.tally.quarantined += 1
                self._outputs.quarantine(chunk.first + number, chunk.faults[number])
            else:
                self._add_row(chunk, number, row)
        if self._redact is not None and chunk.cells:
            self._outputs.copy(chunk, [self._redact(row) for row in predictions])

    def _types_in_name(self, part: Part) -> list[str]:
        """The types of what the name of the copy of `part` holds, or its folders' names."""
        path = PurePath(part.name)
        names = [readable(name) for name in (*path.parent.parts, path.stem)]
        return sorted({str(entity.type) for name in self._search(names) for entity in name.entities})

    def _mask_names(self, chunk: Chunk) -> None:
        """Mask names that hold personal data; rows with one that are copied, which would have it, get a fault."""
        masked = self._names.masked(cell.column for cells in chunk.cells for cell in cells)
        for number, cells in enumerate(chunk.cells if masked else ()):
            if self._redact is not None and any(cell.column in masked for cell in cells):
                chunk.faults[number] = "the name of a field holds personal data"
                chunk.cells[number] = []
                continue
            chunk.cells[number] = [replace(cell, column=masked.get(cell.column, cell.column)) for cell in cells]
            self.tally.names |= {cell.column: masked[cell.column] for cell in cells if cell.column in masked}

    def _add_row(self, chunk: Chunk, number: int, row: Sequence[Prediction]) -> None:
        cells, key = chunk.cells[number], chunk.row_keys[number] if chunk.row_keys else None
        self.tally.count_row(zip(cells, row, strict=True))
        for cell, prediction in zip(cells, row, strict=True):
            for found in prediction.detections:
                place = (chunk.first + number, cell.column, str(found.type), found.start, found.end)
                score, value = round(found.score, 4), prediction.value(found)
                self._outputs.findings.add((*place, score, found.source, value, key))

    def _predictions(self, chunk: Chunk) -> list[list[Prediction]]:
        """The predictions of the cells of each row; a row that cannot be searched gets a fault."""
        texts = [cell.value for cells in chunk.cells for cell in cells]
        try:
            found = iter(self._search(texts, [cell.column for cells in chunk.cells for cell in cells]))
        except (InvalidTextError, CustomRulesError):
            return [self._row(chunk, number) for number in range(len(chunk.cells))]
        return [[next(found) for _ in cells] for cells in chunk.cells]

    def _row(self, chunk: Chunk, number: int) -> list[Prediction]:
        try:
            cells = chunk.cells[number]
            return self._search([cell.value for cell in cells], [cell.column for cell in cells])
        except (InvalidTextError, CustomRulesError) as error:
            chunk.faults[number] = str(error)
            chunk.cells[number] = []
            return []

    def _search(self, texts: Sequence[str], columns: Sequence[str] = ()) -> list[Prediction]:
        """The predictions for `texts`, which stand in `columns` where there are any."""
        asked = [
            (text, column) for text, column in zip(texts, columns or [""] * len(texts), strict=True) if text.strip()
        ]
        batches = (asked[first : first + BATCH] for first in range(0, len(asked), BATCH))
        found = iter([one for batch in batches for one in self._find(*map(list, zip(*batch, strict=True)))])
        return [next(found) if text.strip() else Prediction(text, ()) for text in texts]
