"""Compares two reports: which scores rose and which fell."""

from collections.abc import Iterator
from dataclasses import dataclass

from eval.figures import Averages, Figures, Row
from eval.scores.bootstrap import METRICS
from schemas.errors import DataError


@dataclass(frozen=True, slots=True)
class Change:
    """A score of both reports: the detector, the metric, the type ("" for all together), and its two values."""

    detector: str
    metric: str
    kind: str
    old: float
    new: float

    @property
    def name(self) -> str:
        """What the score is called."""
        return f"{self.kind} {self.metric}".strip()

    @property
    def gain(self) -> float:
        """How much the figure rose; below 0 it fell."""
        return round(self.new - self.old, 6)


def changes(old: Figures, new: Figures) -> Iterator[Change]:
    """The strict scores of detectors that are in both reports: all types together, then type by type.

    Raises DataError when the reports are about other data or types, or the new one lacks a detector.
    """
    _check_comparable(old, new)
    before = {system.spec: system.scores.strict for system in old.detectors}
    for system in new.detectors:
        if system.spec in before:
            yield from _changes(system.spec, before[system.spec], system.scores.strict, new.types)


def _check_comparable(old: Figures, new: Figures) -> None:
    if old.data != new.data:
        raise DataError("the reports are about other data and cannot be compared")
    if old.types != new.types:
        raise DataError("the reports are about other types and cannot be compared")
    if not old.detectors:
        raise DataError("the old report has no scores")
    specs = {system.spec for system in new.detectors}
    for system in old.detectors:
        if system.spec not in specs:
            raise DataError(f"the new report lacks the detector {system.spec}")


def _changes(spec: str, old: Averages, new: Averages, types: tuple[str, ...]) -> Iterator[Change]:
    rows: list[tuple[str, Row, Row]] = [("", old.micro, new.micro)]
    rows += [
        (kind, old.by_type[kind], new.by_type[kind])
        for kind in types
        if kind in old.by_type.keys() & new.by_type.keys()
    ]
    for kind, before, after in rows:
        for metric in METRICS:
            yield Change(spec, metric, kind, getattr(before, metric), getattr(after, metric))
