"""Validates a dataset, ours or anybody's in the same format: every row, and the splits against one another."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_builders.dataset.clean import alpaca_fault, fault, long_fault
from data_builders.dataset.leakage import LeakageGuard
from data_builders.dataset.schema_faults import schema_faults
from data_builders.dataset.span_faults import span_faults
from data_builders.splits import Split
from schemas.errors import DataError, RecordError
from schemas.json_fields import parse_json
from schemas.spans.record import ALPACA_KEYS, from_record

_MANIFEST = "manifest.json"
_ORDER = (Split.TEST, Split.VALIDATION, Split.TRAIN)


def check_dataset(path: Path, max_tokens: int, similarity: float) -> Iterator[str]:
    """Yield a sentence with file and line for every fault in the JSON Lines files of a folder, or in a single one.

    Checked are each row's schema, spans, cleanness and, where it has one, Alpaca form (at most `max_tokens` tokens);
    repeated ids; rows that repeat an earlier one or resemble it (Jaccard `similarity` or more); templates and personal
    values that stand in two splits; and the manifest's hashes when there is one. A split without a row is a
    fault unless the manifest has it so. Raises DataError when `path` is missing or a folder without a split.
    """
    guard = LeakageGuard(similarity)
    for split, file in _files(path).items():
        place = ""
        for place, line in _lines(file):
            for reason in _line_faults(line, split, place, max_tokens, guard):
                yield f"{place}: {reason}"
        if not place and _promised(path, split) != 0:
            yield f"{file}: holds no row"
    yield from _changed(path)


def _files(path: Path) -> dict[Split, Path]:
    """The files of the splits of a folder; a single file is one split."""
    if not path.is_dir():
        return {Split.TRAIN: path}
    files = {split: path / f"{split}.jsonl" for split in _ORDER}
    present = {split: file for split, file in files.items() if file.is_file()}
    if not present:
        raise DataError(f"{path}: holds none of {', '.join(file.name for file in files.values())}; or name one file")
    return present


def _lines(file: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with file.open("rb") as lines:
            yield from ((f"{file}:{number}", line) for number, line in enumerate(lines, start=1))
    except OSError as error:
        raise DataError(f"{file}: {error.strerror}") from None


def _line_faults(line: bytes, split: Split, place: str, max_tokens: int, guard: LeakageGuard) -> Iterator[str]:
    try:
        row = _parse(line)
        if faults := [*schema_faults(row), *span_faults(row)]:
            yield from faults
            return
        example = from_record(row)
    except RecordError as error:
        yield str(error)
        return
    if not example.annotated:
        yield "types: none, so that nothing can be learnt from the row"
        return
    alpaca = alpaca_fault(example, row) if ALPACA_KEYS[0] in row else None
    yield from filter(None, (fault(example), alpaca, long_fault(example, max_tokens)))
    yield from (f"{conflict.reason} ({conflict.place})" for conflict in guard.conflicts(example, split))
    guard.admit(example, split, place)


def _parse(line: bytes) -> Any:
    try:
        return parse_json(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise RecordError("not UTF-8") from None


def _promised(folder: Path, split: Split) -> Any:
    """How many rows the manifest says that `split` has; None where it does not say so."""
    try:
        return json.loads((folder / _MANIFEST).read_bytes())["rows"][str(split)]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _changed(folder: Path) -> Iterator[str]:
    """A sentence for each file that the manifest names and that is missing or has changed since."""
    path = folder / _MANIFEST
    if not path.is_file():
        return
    try:
        hashes = dict(json.loads(path.read_bytes())["sha256"])
    except (ValueError, KeyError, TypeError):
        yield f"{path}: not a manifest of a dataset"
        return
    for name, expected in hashes.items():
        file = folder / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != expected:
            yield f"{file}: missing or changed since it was built"
