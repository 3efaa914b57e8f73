"""Calibration of a tagger's scores: what share of the entities with such a score is right, type by type."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from schemas.errors import ModelError
from schemas.files import write_whole
from schemas.taxonomy import EntityType

CALIBRATION, EARLY_CALIBRATION = "calibration.json", "calibration_early.json"
"""Names of the files in the folder of a tagger: for all its layers, and for the first alone."""

_CLOSEST = 1e-6


class Line(NamedTuple):
    """The log-odds of being right as a line over the log-odds of a score (Platt 1999, on log-odds)."""

    slope: float = 1.0
    intercept: float = 0.0

    def __call__(self, score: float) -> float:
        """The probability of being right, for a `score` from 0 to 1."""
        return 1.0 / (1.0 + math.exp(-(self.slope * log_odds(score) + self.intercept)))


def log_odds(score: float) -> float:
    """Natural logarithm of `score` against the rest, kept finite."""
    kept = min(max(score, _CLOSEST), 1.0 - _CLOSEST)
    return math.log(kept / (1.0 - kept))


@dataclass(frozen=True, slots=True)
class Calibration:
    """A line per type; scores of other types stay as they are."""

    lines: Mapping[EntityType, Line]

    def apply(self, kind: EntityType, score: float) -> float:
        """The calibrated `score` of an entity of the type `kind`."""
        line = self.lines.get(kind)
        return line(score) if line else score

    def write(self, folder: Path, early: bool = False) -> None:
        """Write its file to `folder`, that of the first layers with `early`; it appears whole or not at all."""
        lines = {str(kind): [round(number, 4) for number in line] for kind, line in self.lines.items()}
        write_whole(folder / _name(early), json.dumps(lines, indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path, early: bool = False) -> Calibration:
        """Read what `write` wrote to `folder`; no file is no calibration.

        Raises ModelError when the file is broken.
        """
        path = folder / _name(early)
        if not path.exists():
            return cls({})
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            return cls({EntityType(kind): Line(*map(float, line)) for kind, line in stored.items()})
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ModelError(f"{path}: no readable calibration: {error}") from error


def _name(early: bool) -> str:
    return EARLY_CALIBRATION if early else CALIBRATION
