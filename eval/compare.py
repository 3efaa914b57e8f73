"""Compares two reports: what rose, what fell, and whether anything fell too far."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.figures import FORMAT, Figures
from schemas.errors import DataError

_METRICS = ("precision", "recall", "f1")


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
        return self.new - self.old


def read_figures(path: Path) -> Figures:
    """The figures of the report in the folder or file `path`. Raises DataError when there is none to read."""
    file = path / "report.json" if path.is_dir() else path
    try:
        figures: Figures = json.loads(file.read_text(encoding="utf-8"))
        if figures["format"] != FORMAT:
            raise DataError(f"{file}: a report of another version of pii-sft")
    except OSError as error:
        raise DataError(f"{file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{file}: not the figures of a report") from None
    return figures


def changes(old: Figures, new: Figures) -> Iterator[Change]:
    """The strict scores of detectors that are in both reports: all types together, then type by type.

    Raises DataError when the reports are about other data or types, or have no detector in common.
    """
    for key, told in (("data", "other data"), ("types", "other types")):
        if old[key] != new[key]:
            raise DataError(f"the reports are about {told} and cannot be compared")
    before = {detector["spec"]: detector for detector in old["detectors"]}
    both = [detector for detector in new["detectors"] if detector["spec"] in before]
    if not both:
        raise DataError("the reports have no detector in common")
    for detector in both:
        spec = detector["spec"]
        was, now = before[spec]["scores"]["strict"], detector["scores"]["strict"]
        for metric in _METRICS:
            yield Change(spec, metric, "", was["micro"][metric], now["micro"][metric])
        for kind in new["types"]:
            if kind in was["by_type"] and kind in now["by_type"]:
                for metric in _METRICS:
                    yield Change(spec, metric, kind, was["by_type"][kind][metric], now["by_type"][kind][metric])
