"""How long a system takes: one text after the other, and with several callers at once."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import numpy as np

from eval.figures import CallerLatency, Latency
from eval.system import Candidate
from schemas.taxonomy import EntityType

PERCENTILES = (50, 90, 95, 99)
CALLERS = (1, 4, 16, 64)
WARM_UP = 3
"""Calls before anything is measured."""
_SAMPLE = 64


def sample(texts: Iterable[str], total: int) -> list[str]:
    """At most 64 of `total` texts, evenly spread over them, in an order in which every beginning has all lengths.

    A slow detector has time for the first ones alone; the order is van der Corput's, of the texts by length.
    """
    chosen = {number * total // _SAMPLE for number in range(_SAMPLE)}
    by_length = sorted((text for number, text in enumerate(texts) if number in chosen), key=len)
    places = (int(f"{number:06b}"[::-1], 2) for number in range(_SAMPLE))
    return [by_length[place] for place in places if place < len(by_length)]


def measure_latency(candidate: Candidate, texts: Sequence[str], types: Sequence[EntityType], seconds: float) -> Latency:
    """Latency in milliseconds and throughput of calls with one text each, after warm-up.

    For every number of callers in `CALLERS`: percentiles, and texts and characters a second, measured for about
    `seconds` or until every caller has had every text; of a single caller also each call. A number of callers whose
    calls would take longer than that is left out.
    """
    for text in islice(cycle(texts), WARM_UP):
        candidate.reply([text], types)
    rows: dict[str, CallerLatency] = {}
    median, single = 0.0, tuple[tuple[int, float], ...]()
    for callers in CALLERS:
        if median * callers > seconds:
            break
        times, wall = _run(lambda text: candidate.reply([text], types), texts, callers, seconds)
        rows[str(callers)] = _summary(times, wall)
        if callers == 1:
            median = float(np.median([taken for _, taken in times]))
            single = tuple((len(text), taken * 1e3) for text, taken in times)
    return Latency(warm_up_calls=WARM_UP, callers=rows, single=single)


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


def _summary(times: Sequence[tuple[str, float]], wall: float) -> CallerLatency:
    p50, p90, p95, p99 = (float(value) for value in np.percentile([taken * 1e3 for _, taken in times], PERCENTILES))
    return CallerLatency(
        p50_ms=p50,
        p90_ms=p90,
        p95_ms=p95,
        p99_ms=p99,
        calls=len(times),
        texts_per_s=len(times) / wall,
        characters_per_s=sum(len(text) for text, _ in times) / wall,
    )


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
