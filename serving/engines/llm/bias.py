"""A bias for or against one more entity: how readily the list of entities goes on rather than ends."""

from collections.abc import Sequence

import numpy as np

from serving.engines.llm.backends.backend import Floats
from serving.engines.llm.constraint.constraint import Lead


def shift_odds(logits: Floats, leads: Sequence[Lead], log_odds: float) -> Floats:
    """`logits` of tokens that lead where `leads` says, with the odds of going on multiplied by exp(`log_odds`).

    The odds are those of the tokens with which the list of entities goes on against those with which it ends; where
    one kind is missing, the tokens that leave it open stand for it. The two groups keep their common probability, so
    no other token gains or loses; without two groups nothing changes.
    """
    where = np.array(leads)
    on, off = where == Lead.GOES_ON, where == Lead.ENDS
    if not on.any():
        on = where == Lead.OPEN
    elif not off.any():
        off = where == Lead.OPEN
    if not on.any() or not off.any():
        return logits
    goes_on, ends = _log_sum(logits[on]), _log_sum(logits[off])
    odds = goes_on - ends + log_odds
    together = np.logaddexp(goes_on, ends)
    shifted = logits.copy()
    shifted[on] += together - np.logaddexp(0, -odds) - goes_on
    shifted[off] += together - np.logaddexp(0, odds) - ends
    return shifted


def _log_sum(logits: Floats) -> np.float32:
    total: np.float32 = np.logaddexp.reduce(logits)
    return total
