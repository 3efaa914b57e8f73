"""Fits the calibration of a tagger's scores on examples that it was not trained on."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from schemas.tagger.calibration import Calibration, Line, log_odds
from schemas.taxonomy import EntityType

Scored = tuple[EntityType, float, bool]
"""A detection: its type, its score, and whether it is strictly right."""

_TRUST = 20.0
"""How strongly a type's line is held to that of all types: about as this many detections would."""
_ROUNDS = 50


def fit_calibration(scored: Iterable[Scored]) -> Calibration:
    """The lines of all types in `scored`, each held to the line of all types together, so that rare ones stay near."""
    rows = list(scored)
    if not rows:
        return Calibration({})
    common = _fit(rows, Line(), _TRUST)
    kinds = sorted({kind for kind, _, _ in rows})
    return Calibration({kind: _fit([row for row in rows if row[0] == kind], common, _TRUST) for kind in kinds})


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
