"""Fitting the calibration of scores."""

import random

from schemas.tagger.calibration import Calibration
from schemas.taxonomy import EntityType as T
from training.tagger.calibrate import Scored, fit_calibration


def drawn(kind: T, count: int, worth: float, seed: int) -> list[Scored]:
    """Detections whose scores are too good: of those with a score s, about s * `worth` are right."""
    rng = random.Random(seed)
    scores = [rng.uniform(0.3, 0.99) for _ in range(count)]
    return [(kind, score, rng.random() < score * worth) for score in scores]


def error(rows: list[Scored], calibration: Calibration) -> float:
    """How far the mean calibrated score lies from the share that is right."""
    return abs(sum(calibration.apply(kind, score) - right for kind, score, right in rows) / len(rows))


def test_scores_become_shares_of_what_is_right_in_each_type() -> None:
    names, emails = drawn(T.PERSON_NAME, 4000, 0.6, 1), drawn(T.EMAIL, 4000, 1.0, 2)
    calibration = fit_calibration(names + emails)
    for rows in (names, emails):
        assert error(rows, calibration) < 0.01
        for low in (0.3, 0.5, 0.7):
            assert error([row for row in rows if low <= row[1] < low + 0.2], calibration) < 0.06
    assert error(names, Calibration({})) > 0.2


def test_a_rare_type_keeps_close_to_all_others() -> None:
    common = drawn(T.PERSON_NAME, 4000, 0.8, 3)
    calibration = fit_calibration([*common, (T.DEVICE_ID, 0.9, False)])
    rare = calibration.apply(T.DEVICE_ID, 0.9)
    assert abs(rare - calibration.apply(T.PERSON_NAME, 0.9)) < 0.05


def test_without_detections_there_is_nothing_to_fit() -> None:
    assert fit_calibration([]) == Calibration({})
