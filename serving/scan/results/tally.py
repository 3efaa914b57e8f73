"""What is counted of a part, and of a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType, Sensitivity
from serving.redaction.documents.document import Cell
from serving.redaction.operators import Mask

_SAMPLES = 3
"""Masked values that are shown of a type in a column."""
_SHOWN, _LONG = 2, 8
"""How many characters at the end of a value are shown, if it has so many."""
_MOST_COLUMNS = 500
"""Columns of a file that are counted apart."""
FURTHER = "(further columns)"


@dataclass
class ColumnTally:
    """Counts of a column: rows with a text, rows with a value, values by type; and masked samples by type."""

    rows: int = 0
    rows_with_pii: int = 0
    types: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[str]] = field(default_factory=dict)

    def sample(self, kind: EntityType, value: str) -> None:
        """Keep `value`, masked, if there are few of its type."""
        kept = self.samples.setdefault(kind, [])
        if len(kept) < _SAMPLES and (shown := masked(kind, value)) not in kept:
            kept.append(shown)

    def add(self, other: ColumnTally) -> None:
        """Add the counts of another part."""
        self.rows += other.rows
        self.rows_with_pii += other.rows_with_pii
        self.types += other.types
        for kind, samples in other.samples.items():
            self.samples[kind] = list(dict.fromkeys([*self.samples.get(kind, []), *samples]))[:_SAMPLES]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rows": self.rows,
            "rows_with_pii": self.rows_with_pii,
            "types": dict(sorted(self.types.items())),
            "samples": dict(sorted(self.samples.items())),
        }

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> ColumnTally:
        """From what `to_dict` gave."""
        return cls(row["rows"], row["rows_with_pii"], Counter(row["types"]), dict(row["samples"]))


@dataclass
class Tally:
    """Counts of a part or a file: its rows, those that were searched, those with a value, faults, and its columns.

    `names` are those of columns that hold personal data, each with the name to show, and `name_types` the types of what
    the name of a copy holds.
    """

    rows: int = 0
    searched: int = 0
    rows_with_pii: int = 0
    quarantined: int = 0
    columns: dict[str, ColumnTally] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict, repr=False)
    name_types: list[str] = field(default_factory=list)

    def count_row(self, cells: Iterable[tuple[Cell, Prediction]]) -> None:
        """Count a row that was searched."""
        self.searched += 1
        seen: dict[str, bool] = {}
        for cell, prediction in cells:
            tally = self.columns.setdefault(cell.column, ColumnTally())
            seen[cell.column] = bool(prediction.detections) or seen.get(cell.column, False)
            for entity in prediction.entities:
                tally.types[entity.type] += 1
                tally.sample(entity.type, prediction.value(entity))
        for column, has_pii in seen.items():
            self.columns[column].rows += 1
            self.columns[column].rows_with_pii += has_pii
        self.rows_with_pii += any(seen.values())

    def add(self, other: Tally) -> None:
        """Add the counts of the next part; of very many columns the last ones are counted together."""
        self.rows += other.rows
        self.searched += other.searched
        self.rows_with_pii += other.rows_with_pii
        self.quarantined += other.quarantined
        self.found = list(dict.fromkeys([*self.found, *other.found]))
        self.names |= other.names
        self.name_types = sorted({*self.name_types, *other.name_types})
        for name, column in other.columns.items():
            known = name in self.columns or len(self.columns) < _MOST_COLUMNS
            self.columns.setdefault(name if known else FURTHER, ColumnTally()).add(column)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        columns = {name: column.to_dict() for name, column in self.columns.items()}
        counts = {"rows": self.rows, "searched": self.searched, "rows_with_pii": self.rows_with_pii}
        names = {"found": self.found, "names": self.names, "name_types": self.name_types}
        return {**counts, "quarantined": self.quarantined, "columns": columns, **names}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Tally:
        """From what `to_dict` gave."""
        columns = {name: ColumnTally.of(column) for name, column in row["columns"].items()}
        counts = row["rows"], row["searched"], row["rows_with_pii"], row["quarantined"]
        return cls(*counts, columns, list(row["found"]), dict(row["names"]), list(row["name_types"]))


def masked(kind: EntityType, value: str) -> str:
    """`value` as a data map shows it: the last two characters of a long one that is not sensitive, else none."""
    shows = kind.info.sensitivity is not Sensitivity.SENSITIVE and len(value) >= _LONG
    return Mask(_SHOWN if shows else 0).stand_in(kind, value, 1)
