import numpy as np
import pytest

from eval.bootstrap import difference, intervals, resampled

HALF = np.array([[1, 0, 0], [0, 1, 1]] * 50, dtype=np.int64)
ALL = np.array([[1, 0, 0]] * 100, dtype=np.int64)


def test_intervals_hold_the_measured_score_and_narrow_with_more_texts() -> None:
    few, many = (next(intervals(resampled([np.concatenate([HALF] * times)]))) for times in (1, 16))
    for name in ("precision", "recall", "f1"):
        assert few[name][0] < 0.5 < few[name][1]
        widths = [high - low for low, high in (few[name], many[name])]
        assert widths[1] == pytest.approx(widths[0] / 4, rel=0.2)


def test_a_system_does_not_differ_from_itself_and_does_from_a_better_one() -> None:
    counts = [HALF, HALF, ALL]
    samples = resampled(counts)
    same, better = (difference(samples, counts, 0, second)["f1"] for second in (1, 2))
    assert (same.value, same.interval, same.p) == (0.0, (0.0, 0.0), 1.0)
    assert better.value == 0.5 and better.interval[0] > 0.3 and better.p == pytest.approx(2 / 1001)


def test_the_same_texts_are_drawn_for_all_systems_and_every_time() -> None:
    samples = resampled([HALF, HALF])
    assert (samples[:, 0] == samples[:, 1]).all() and (samples == resampled([HALF, HALF])).all()


def test_texts_without_anything_are_perfect() -> None:
    assert resampled([np.zeros((3, 3), dtype=np.int64)]).min() == 1.0
