"""The data map: where personal data is, how much of it, and how sensitive. What a data-protection officer asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.taxonomy import EntityType
from serving.scan.results.assemble import ScannedFile
from serving.scan.results.sensitivity import classes_of
from serving.scan.results.tally import FURTHER, ColumnTally
from serving.scan.settings import ScanSettings


def data_map(
    files: Sequence[ScannedFile], left_out: Iterable[tuple[str, str]], settings: ScanSettings
) -> dict[str, Any]:
    """The figures of a scan, for JSON: totals, and each file with its columns and their types."""
    counts: Counter[str] = Counter()
    for file in files:
        for column in file.tally.columns.values():
            if not file.fault:
                counts += column.types
    return {
        "rows": sum(file.tally.rows for file in files if not file.fault),
        "rows_searched": sum(file.tally.searched for file in files if not file.fault),
        "rows_with_pii": sum(file.tally.rows_with_pii for file in files if not file.fault),
        "types": [_type(name, count, ()) for name, count in _by_count(counts)],
        "quarantined": {
            "files": sum(bool(file.fault) for file in files),
            "row_groups": sum(len(file.lost) for file in files if not file.fault),
            "rows": sum(file.tally.quarantined for file in files if not file.fault),
        },
        "left_out": [{"path": path, "reason": reason} for path, reason in left_out],
        "settings": {name: value for name, value in settings.described.items() if value and name != "key"},
        "files": [_file(file) for file in files],
    }


def _file(file: ScannedFile) -> dict[str, Any]:
    if file.fault:
        return {"file": file.source.name, "fault": file.fault}
    tally = file.tally
    return {
        "file": file.source.name,
        "rows": tally.rows,
        "rows_searched": tally.searched,
        "rows_with_pii": tally.rows_with_pii,
        "share": _share(tally.rows_with_pii, tally.searched),
        "rows_quarantined": tally.quarantined,
        "row_groups_quarantined": len(file.lost),
        "names_with_pii": list(dict.fromkeys(tally.names.values())),
        "columns_not_read": [tally.names.get(name, name) for name in file.unread],
        "columns": [_column(name, column, tally.searched) for name, column in tally.columns.items()],
    }


def _column(name: str, column: ColumnTally, searched: int) -> dict[str, Any]:
    return {
        "column": name,
        "rows": column.rows,
        "rows_with_pii": column.rows_with_pii,
        "share": None if name == FURTHER else _share(column.rows_with_pii, searched),  # a row may have several of them
        "types": [_type(kind, count, column.samples.get(kind, ())) for kind, count in _by_count(column.types)],
    }


def _type(name: str, count: int, samples: Sequence[str]) -> dict[str, Any]:
    classes = classes_of(name)
    return {
        "type": name,
        "zh": EntityType.named(name).info.zh,
        "count": count,
        "gb_t_35273": classes.gb_t_35273,
        "gb_t_45574": classes.gb_t_45574,
        "sensitive": classes.is_sensitive,
        "samples": list(samples),
    }


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
