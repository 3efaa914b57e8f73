"""Compares two reports: what rose, what fell, and whether anything fell too far."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.bootstrap import METRICS
from eval.figures import FORMAT, Figures
from schemas.errors import DataError

_KEYS = {"data", "types", "detectors", "differences", "random"}


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


def read_figures(path: Path) -> Figures:
    """The figures of the report in the folder or file `path`. Raises DataError when there is none to read."""
    file = path / "report.json" if path.is_dir() else path
    try:
        figures: Figures = json.loads(file.read_text(encoding="utf-8"))
        if figures["format"] != FORMAT or not figures.keys() >= _KEYS:
            raise DataError(f"{file}: a report of another version of pii-sft")
    except OSError as error:
        raise DataError(f"{file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{file}: not the figures of a report") from None
    return figures


def changes(old: Figures, new: Figures) -> Iterator[Change]:
    """The strict scores of detectors that are in both reports: all types together, then type by type.

    Raises DataError when the reports are about other data or types, or the new one lacks a detector.
    """
    for key, told in (("data", "other data"), ("types", "other types")):
        if old[key] != new[key]:
            raise DataError(f"the reports are about {told} and cannot be compared")
    before = {detector["spec"]: detector for detector in old["detectors"]}
    after = {detector["spec"] for detector in new["detectors"]}
    missing = [spec for spec in before if spec not in after]
    if missing or not before:
        raise DataError(
            f"the new report lacks the detector {missing[0]}" if missing else "the old report has no scores"
        )
    for detector in new["detectors"]:
        if detector["spec"] not in before:
            continue
        spec = detector["spec"]
        was, now = before[spec]["scores"]["strict"], detector["scores"]["strict"]
        for metric in METRICS:
            yield Change(spec, metric, "", was["micro"][metric], now["micro"][metric])
        for kind in new["types"]:
            if kind in was["by_type"] and kind in now["by_type"]:
                for metric in METRICS:
                    yield Change(spec, metric, kind, was["by_type"][kind][metric], now["by_type"][kind][metric])
