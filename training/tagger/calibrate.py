"""Fits the calibration of a tagger's scores on examples that it was not trained on."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from schemas.tagger.calibration import Calibration, Line, log_odds
from schemas.taxonomy import ALL_TYPES, EntityType

Scored = tuple[EntityType, float, bool]
"""A detection: its type, its score, and whether it is strictly right."""

_TRUST = 20.0
"""How strongly a type's line is held to that of all types: about as this many detections would."""
_ROUNDS = 50


def fit_calibration(scored: Iterable[Scored]) -> Calibration:
    """A line for each type, held to the line of all types together: rare ones stay near, others have that line."""
    rows = list(scored)
    if not rows:
        return Calibration({})
    common = _fit(rows, Line(), _TRUST)
    by_kind = {kind: [row for row in rows if row[0] == kind] for kind in ALL_TYPES}
    return Calibration({kind: _fit(own, common, _TRUST) if own else common for kind, own in by_kind.items()})


def _fit(rows: list[Scored], prior: Line, trust: float) -> Line:
    """Logistic regression by Newton's method, with a penalty on the distance from `prior`."""
    inputs = np.array([[log_odds(score), 1.0] for _, score, _ in rows])
    right = np.array([float(is_right) for _, _, is_right in rows])
    start = np.array(prior)
    line = start.copy()
    for _ in range(_ROUNDS):
        chance = 1.0 / (1.0 + np.exp(-inputs @ line))
        gradient = inputs.T @ (chance - right) + trust * (line - start)
        curvature = (inputs * (chance * (1.0 - chance))[:, None]).T @ inputs + trust * np.eye(2)
        step: npt.NDArray[np.float64] = np.linalg.solve(curvature, gradient)
        line -= step
        if np.abs(step).max() < 1e-9:
            break
    return Line(*map(float, line))
