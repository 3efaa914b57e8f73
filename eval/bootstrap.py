"""Confidence intervals and paired comparisons by resampling texts (Efron 1979; Berg-Kirkpatrick et al. 2012)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RESAMPLES = 1000
_SEED = 0
METRICS = ("precision", "recall", "f1")

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more a second system scores than a first one, its 95% interval, and the two-sided p-value.

    With 1000 resamples a p-value is at least 0.002 (Davison and Hinkley 1997, section 4.2.5).
    """

    value: float
    interval: Interval
    p: float


def resampled(counts: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Precision, recall and F1 of every system in 1000 resamples of the texts, as (resample, system, metric).

    `counts` holds for each system tp, fp and fn of every text, as (text, 3). A resample takes as many texts as there
    are, with repetition, and the same ones for every system; the seed is fixed.
    """
    texts = len(counts[0])
    random = np.random.default_rng(_SEED)
    stacked = np.concatenate(counts, axis=1).astype(np.float64)
    sums = np.empty((_RESAMPLES, stacked.shape[1]))
    for number in range(_RESAMPLES):
        weights = np.bincount(random.integers(0, texts, texts), minlength=texts)
        sums[number] = weights @ stacked
    return _metrics(sums.reshape(_RESAMPLES, len(counts), 3))


def _metrics(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Precision, recall and F1 in the last axis from tp, fp and fn in it; 1.0 where there is nothing to divide by."""
    tp, fp, fn = np.moveaxis(counts, -1, 0)
    whole = np.stack((tp + fp, tp + fn, tp + (fp + fn) / 2), axis=-1)
    shares: NDArray[np.float64] = np.divide(tp[..., None], whole, out=np.ones_like(whole), where=whole > 0)
    return shares


def intervals(samples: NDArray[np.float64]) -> Iterator[dict[str, Interval]]:
    """The 95% interval of every metric, system by system, of what `resampled` returned."""
    for number in range(samples.shape[1]):
        yield {name: _interval(samples[:, number, at]) for at, name in enumerate(METRICS)}


def difference(
    samples: NDArray[np.float64], counts: Sequence[NDArray[np.int64]], first: int, second: int
) -> dict[str, Difference]:
    """How much more system number `second` scores than number `first`, metric by metric, on the same texts."""
    measured = _metrics(np.stack([table.sum(axis=0) for table in counts]).astype(np.float64))
    differences = {}
    for at, name in enumerate(METRICS):
        gaps = samples[:, second, at] - samples[:, first, at]
        tail = (min((gaps <= 0).sum(), (gaps >= 0).sum()) + 1) / (_RESAMPLES + 1)
        value = float(measured[second, at] - measured[first, at])
        differences[name] = Difference(value, _interval(gaps), min(1.0, 2 * float(tail)))
    return differences


def _interval(values: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
