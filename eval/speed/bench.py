"""Latency, throughput and memory on texts of set lengths; the two sides of a ratio take turns in one process."""

import json
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count

from eval.speed.latency import PERCENTILES, WARM_UP, ratio
from eval.system import System
from schemas.taxonomy import DEFAULT_TYPES

_SENTENCE = (
    "收件人张三，电话138-0013-8000，身份证号11010519491231002X，住北京市朝阳区建国路88号5号楼1单元502室，"
    "请于2024年3月15日前把合同寄到上海分公司，抄送李雷和王小明，邮箱lilei@example.com，订单号DD20240315001，谢谢。"
)
_LENGTHS = (20, 100, 500, 2000)

Call = Callable[[Sequence[str]], object]


def text_of(length: int, shift: int = 0) -> str:
    """A text of `length` characters that begins at character `shift` of a sample sentence."""
    repeated = _SENTENCE * (length // len(_SENTENCE) + 2)
    return repeated[shift % len(_SENTENCE) :][:length]


def _call(system: System) -> Call:
    return lambda texts: system.candidate.reply(texts, DEFAULT_TYPES)


def single_latency(call: Call, length: int, repeats: int) -> dict[int, float]:
    """Percentiles in milliseconds of calls with one text of `length` characters, after warm-up."""
    times = []
    for shift in range(repeats + WARM_UP):
        start = time.perf_counter()
        call([text_of(length, shift)])
        times.append((time.perf_counter() - start) * 1e3)
    cuts = statistics.quantiles(times[WARM_UP:], n=100, method="inclusive")
    return {part: cuts[part - 1] for part in PERCENTILES}


def run_benchmark(system: System, repeats: int = 40, rounds: int = 3) -> dict[str, float]:
    """Measure one system, print a table and one JSON line last, and return the figures of that line."""
    call = _call(system)
    figures: dict[str, float] = {}
    for length in _LENGTHS:
        percentiles = single_latency(call, length, repeats)
        figures |= {f"p{part}_ms_{length}": value for part, value in percentiles.items()}
        summary = ", ".join(f"p{part} {value:.1f}" for part, value in percentiles.items())
        print(f"one text of {length:5} characters: {summary} ms")
    rates = _rates(call, rounds)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak resident memory: {memory:.0f} MB")
    if system.gpu_mb:
        figures["peak_gpu_mb"] = system.gpu_mb()
        print(f"peak GPU memory: {figures['peak_gpu_mb']:.0f} MB")
    figures |= {f"texts_per_s_{name}": rate for name, rate in rates.items()} | {"peak_rss_mb": memory}
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}))
    return figures


def _rates(call: Call, rounds: int) -> dict[str, float]:
    """Texts a second one by one and in a batch, which take turns."""
    texts = [text_of(100, shift) for shift in range(64)]
    times, (low, high), batches, singles = ratio(lambda: call(texts), lambda: [call([text]) for text in texts], rounds)
    rates = {"single": 64 / statistics.median(singles), "batch": 64 / statistics.median(batches)}
    summary = f"{rates['single']:.1f} texts/s one by one, {rates['batch']:.1f} in a batch"
    print(f"64 texts of 100 characters: {summary}, ratio {times:.2f} ({low:.2f} to {high:.2f})")
    return rates


def _caller(system: System, length: int) -> Callable[[], object]:
    """Asks about another text of `length` characters at every call; every system gets the same ones in order."""
    call, texts = _call(system), map(partial(text_of, length), count())
    return lambda: call([next(texts)])


def run_ratio(first: System, second: System, rounds: int) -> dict[str, float]:
    """Let two systems take turns on the same texts; print, by length, how many times as long the second one takes.

    The last line is JSON, and what is returned: by length the ratio, the ends of its 95% interval, and both medians.
    """
    print(f"{second.spec} against {first.spec}, {rounds} rounds in turn")
    figures: dict[str, float] = {}
    for length in _LENGTHS[:3]:
        sides = [_caller(system, length) for system in (first, second)]
        ratio(sides[0], sides[1], WARM_UP)
        times, (low, high), *seconds = ratio(sides[0], sides[1], rounds)
        medians = [statistics.median(side) * 1e3 for side in seconds]
        summary = f"{times:.2f} times as long (95%: {low:.2f} to {high:.2f})"
        print(f"one text of {length:5} characters: {summary}, {medians[0]:.1f} and {medians[1]:.1f} ms")
        values = {"ratio": times, "low": low, "high": high, "first_ms": medians[0], "second_ms": medians[1]}
        figures |= {f"{name}_{length}": value for name, value in values.items()}
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))
    return figures
