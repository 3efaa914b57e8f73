import pytest

from eval.scores.calibration import Bin, calibration_error, operating_points, reliability, threshold_curve
from eval.scores.counts import Counts

SCORED = [(1.0, True), (0.95, True), (0.5, False), (0.5, True)]


def test_a_curve_counted_by_hand() -> None:
    curve = reliability(SCORED[:3], bins=2)
    assert curve[0] == Bin(0.0, 0.5, 0, 0.0, 0)
    assert (curve[1].count, curve[1].right) == (3, 2) and curve[1].score == pytest.approx(2.45 / 3)
    assert curve[1].precision == pytest.approx(2 / 3)
    assert calibration_error(curve) == pytest.approx(0.45 / 3)


def test_nothing_found_has_no_error_and_no_threshold() -> None:
    assert calibration_error(reliability([])) == 0.0
    assert threshold_curve([], 3) == [] and operating_points([]) == {}


def test_every_score_is_a_threshold() -> None:
    assert threshold_curve(SCORED, 4) == [(1.0, Counts(1, 0, 3)), (0.95, Counts(2, 0, 2)), (0.5, Counts(3, 1, 1))]


def test_recall_is_worth_a_low_threshold_and_precision_a_high_one() -> None:
    points = operating_points(threshold_curve(SCORED, 4))
    assert {name: score for name, (score, _) in points.items()} == {
        "high recall": 0.5,
        "balanced": 0.5,
        "high precision": 0.95,
    }
