"""Runs a scan from its sources to its results."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from schemas.engine import Find
from schemas.errors import DataError
from schemas.files import write_whole
from serving.scan.formats.registry import FORMATS
from serving.scan.parts import NO_COLUMN, ReadError, spread
from serving.scan.progress import Progress
from serving.scan.receipts import PartStore
from serving.scan.results.assemble import Assembly, ScannedFile
from serving.scan.results.data_map import data_map
from serving.scan.results.map_page import map_page
from serving.scan.runners.runner import Runner
from serving.scan.scan_part import Work
from serving.scan.settings import ScanSettings
from serving.scan.sources import SourceFile, find_sources
from serving.scan.state import ScanState

_PARTS, _MAP = ".parts", "map.json"
_AGAIN = ", though the scan is finished; scan into another folder"
Tell = Callable[[str], None]
"""Tells people a sentence."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The data map of a finished scan, and whether it was finished before."""

    figures: dict[str, Any]
    was_finished: bool

    @property
    def summary(self) -> str:
        """What was found, in words."""
        values = sum(kind["count"] for kind in self.figures["types"])
        return f"{values:,} values in {self.figures['rows_with_pii']:,} of {self.figures['rows_searched']:,} rows"

    @property
    def quarantined(self) -> str:
        """What could not be read, in words; empty where there is nothing."""
        counts = self.figures["quarantined"].items()
        return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts if count)


def scan(names: Sequence[str], out: Path, settings: ScanSettings, find: Find, runner: Runner, tell: Tell) -> Outcome:
    """Scan the files that `names` stand for, with the parts on `runner`, and write the results into the folder `out`.

    A scan that was ended goes on; one that is finished is left as it is. `tell` is told what is left out and not read.
    Raises DataError for sources and folders that cannot be scanned, OSError when something cannot be written.
    """
    sources = find_sources(names, out, settings.tables)
    state = ScanState(out, settings, sources.files)
    parts = out / _PARTS
    begun = state.begin()
    if begun.is_finished:
        shutil.rmtree(parts, ignore_errors=True)
        return _finished(out, begun.files, settings)
    left_out = [*sources.left_out, *((file.shown, "came after the scan began") for file in begun.later)]
    for path, reason in left_out:
        tell(f"{path}: left out: {reason}")
    parts.mkdir(exist_ok=True)
    files = [_listed(number, source, settings) for number, source in enumerate(begun.files)]
    if all(file.fault.startswith(NO_COLUMN) for file in files):
        state.forget()
        shutil.rmtree(parts)
        raise DataError(f"{files[0].source.shown}: {files[0].fault}, and no other file of this scan can be read")
    _tell_notes(files, settings, tell)
    store = PartStore(parts, settings.digest)
    _run(files, Work(settings, find, store), runner)
    Assembly(out, settings, store).write(files)
    _tell_columns(files, tell)
    figures = data_map(files, left_out, settings)
    write_whole(out / "map.html", map_page(figures))
    write_whole(out / _MAP, json.dumps(figures, ensure_ascii=False, indent=1) + "\n")
    state.finish(begun)
    shutil.rmtree(parts)
    return Outcome(figures, was_finished=False)


def _finished(out: Path, files: Sequence[SourceFile], settings: ScanSettings) -> Outcome:
    """What a finished scan found. Raises DataError where its data map, or anything else that it wrote, is missing."""
    try:
        outcome = Outcome(json.loads((out / _MAP).read_text(encoding="utf-8")), was_finished=True)
        faulty = {file["file"] for file in outcome.figures["files"] if "fault" in file}
        _ = outcome.summary, outcome.quarantined  # all that is told of it
    except FileNotFoundError:
        raise DataError(f"{out / _MAP}: is missing{_AGAIN}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DataError(f"{out / _MAP}: is not what a scan wrote{_AGAIN}") from None
    copies = [out / "redacted" / file.copy for file in files if file.name not in faulty] if settings.operator else []
    for path in (*(out / name for name in ("findings.parquet", "quarantine.jsonl", "map.html")), *copies):
        if not path.is_file():
            raise DataError(f"{path}: is missing{_AGAIN}")
    return outcome


def _listed(number: int, source: SourceFile, settings: ScanSettings) -> ScannedFile:
    try:
        scan_format = FORMATS[source.format]
        listing = scan_format.parts(number, source.path, source.format, settings.columns, settings.part_bytes)
    except ReadError as error:
        return ScannedFile(source, [], fault=str(error))
    except OSError as error:
        return ScannedFile(source, [], fault=str(ReadError.of(error)))
    parts = [replace(part, name=source.copy) for part in listing.parts]
    if listing.unread:
        parts = [replace(part, header=(*part.columns, *listing.unread)) for part in parts]
    return ScannedFile(source, list(spread(parts, settings.sample)), listing.unread, listing.note)


def _tell_notes(files: Sequence[ScannedFile], settings: ScanSettings, tell: Tell) -> None:
    if not settings.columns:
        tell("no --column was named: all columns that hold texts are read")
    for file in files:
        if file.note:
            tell(f"{file.source.name}: {file.note}")
        if file.fault:
            tell(f"{file.source.shown}: not read: {file.fault}")


def _tell_columns(files: Sequence[ScannedFile], tell: Tell) -> None:
    for file in files:
        if file.unread and not file.fault:
            shown = ", ".join(file.tally.names.get(name, name) for name in file.unread)
            tell(f"{file.source.name}: columns that hold no texts are not read: {shown}")
        if file.tally.name_types and not file.fault:
            tell(f"{file.source.name}: the name itself holds {', '.join(file.tally.name_types)} and is not redacted")
        if file.tally.names and not file.fault:
            shown = ", ".join(dict.fromkeys(file.tally.names.values()))
            tell(f"{file.source.name}: names of columns hold personal data: {shown}; it may have no header")
        if file.missing:
            tell(f"{file.source.name}: no record of the sample has the column {', '.join(file.missing)}")


def _run(files: Sequence[ScannedFile], work: Work, runner: Runner) -> None:
    parts = [part for file in files for part in file.parts]
    progress = Progress(len(parts), sum(part.size for part in parts))
    for part, receipt in runner.run(parts, work):
        progress.add(part, receipt)
    progress.close()
