"""How long a candidate takes: one text after the other, and with several callers at once."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import Any

import numpy as np

from eval.system import Candidate
from schemas.taxonomy import EntityType
from schemas.text.length_buckets import LENGTH_BUCKETS, length_bucket

PERCENTILES = (50, 90, 95, 99)
CALLERS = (1, 4, 16, 64)
WARM_UP = 3
"""Calls before anything is measured."""
_SAMPLE = 64

Latency = dict[str, Any]


def sample(texts: Iterable[str], total: int) -> list[str]:
    """At most 64 of `total` texts, evenly spread over them."""
    chosen = {number * total // _SAMPLE for number in range(_SAMPLE)}
    return [text for number, text in enumerate(texts) if number in chosen]


def measure_latency(
    candidate: Candidate, texts: Sequence[str], types: Sequence[EntityType], seconds: float
) -> dict[str, Any]:
    """Latency in milliseconds and throughput of calls with one text each, after warm-up.

    For every number of callers in `CALLERS`: percentiles, and texts and characters a second, measured for about
    `seconds` or until every caller has had every text; of a single caller also the median by length. A number of
    callers whose calls would take longer than that is left out.
    """
    for text in islice(cycle(texts), WARM_UP):
        candidate.reply([text], types)
    figures: dict[str, Any] = {"warm_up_calls": WARM_UP, "callers": {}}
    alone = 0.0
    for callers in CALLERS:
        if alone * callers > seconds:
            break
        times, wall = _run(lambda text: candidate.reply([text], types), texts, callers, seconds)
        figures["callers"][str(callers)] = _summary(times, wall)
        if callers == 1:
            alone = float(np.median([taken for _, taken in times]))
            figures["p50_ms_by_length"] = _by_length(times)
    return figures


def _run(
    call: Callable[[str], object], texts: Sequence[str], callers: int, seconds: float
) -> tuple[list[tuple[str, float]], float]:
    """The calls made, as texts and seconds, and the seconds until the last one was answered."""
    start = time.perf_counter()

    def caller(number: int) -> list[tuple[str, float]]:
        taken: list[tuple[str, float]] = []
        for text in islice(cycle(texts), number, number + len(texts)):
            begun = time.perf_counter()
            if taken and begun - start > seconds:
                break
            call(text)
            taken.append((text, time.perf_counter() - begun))
        return taken

    with ThreadPoolExecutor(callers) as pool:
        parts = list(pool.map(caller, range(callers)))
    return [pair for part in parts for pair in part], time.perf_counter() - start


def _summary(times: Sequence[tuple[str, float]], wall: float) -> dict[str, float]:
    taken = [seconds * 1e3 for _, seconds in times]
    figures = {f"p{part}_ms": float(np.percentile(taken, part)) for part in PERCENTILES}
    characters = sum(len(text) for text, _ in times)
    return {**figures, "calls": len(times), "texts_per_s": len(times) / wall, "characters_per_s": characters / wall}


def _by_length(times: Sequence[tuple[str, float]]) -> dict[str, float]:
    groups: dict[str, list[float]] = {}
    for text, seconds in times:
        groups.setdefault(length_bucket(len(text)), []).append(seconds * 1e3)
    return {name: float(np.median(groups[name])) for name in LENGTH_BUCKETS if name in groups}


def ratio(
    first: Callable[[], object], second: Callable[[], object], rounds: int
) -> tuple[float, tuple[float, float], list[float], list[float]]:
    """How many times as long `second` takes as `first`, its 95% interval, and the seconds of both.

    The two take turns, and the order changes from round to round, so that what else the machine does hits both. The
    value is the median of the ratios of the rounds; the interval is of that median, by 1000 resamples.
    """
    sides: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            begun = time.perf_counter()
            (first, second)[side]()
            sides[side].append(time.perf_counter() - begun)
    ratios = np.array(sides[1]) / np.array(sides[0])
    drawn = np.random.default_rng(0).choice(ratios, (1000, len(ratios)))
    low, high = np.quantile(np.median(drawn, axis=1), (0.025, 0.975))
    return float(np.median(ratios)), (float(low), float(high)), *sides
