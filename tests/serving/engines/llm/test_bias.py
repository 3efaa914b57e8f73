import numpy as np
import pytest

from serving.engines.llm.bias import shift_odds
from serving.engines.llm.constraint.constraint import Lead


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def test_odds_shift_and_no_other_token_gains() -> None:
    logits = np.random.default_rng(0).normal(size=9).astype(np.float32)
    leads = np.array([1, 1, -1, 0, 2, -1, 0, 1, 2])
    before, after = softmax(logits), softmax(shift_odds(logits, [Lead(lead) for lead in leads], 1.5))
    goes_on, ends = leads == 1, leads == -1
    shift = np.log(after[goes_on].sum() / after[ends].sum()) - np.log(before[goes_on].sum() / before[ends].sum())
    assert shift == pytest.approx(1.5, abs=1e-4)
    assert after[leads % 2 == 0] == pytest.approx(before[leads % 2 == 0], abs=1e-6)
    assert after[goes_on] / after[goes_on].sum() == pytest.approx(before[goes_on] / before[goes_on].sum(), abs=1e-6)


@pytest.mark.parametrize(("leads", "pull", "best"), [([0, 0, 1], -20, 1), ([-1, -1, 0], -20, 1), ([2, -1, 0], 20, 2)])
def test_what_is_left_open_stands_for_what_is_missing(leads: list[int], pull: float, best: int) -> None:
    logits = np.array([1.0, 2.0, 3.0], np.float32)
    shifted = shift_odds(logits, [Lead(lead) for lead in leads], pull)
    assert shifted.argmax() == best
    assert softmax(shifted).sum() == pytest.approx(1) and np.logaddexp.reduce(shifted) == pytest.approx(
        3.4076, abs=1e-3
    )


@pytest.mark.parametrize("leads", [[0, 0, 0], [1, 1, 2], [-1, 2, 2], [1, 1, 1]])
def test_without_a_decision_nothing_shifts(leads: list[int]) -> None:
    logits = np.array([1.0, 2.0, 3.0], np.float32)
    assert (shift_odds(logits, [Lead(lead) for lead in leads], 5.0) == logits).all()
