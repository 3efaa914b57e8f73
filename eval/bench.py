"""Latency, throughput and memory of a detector, both sides of every ratio in one process run."""

import json
import resource
import statistics
import time
from collections.abc import Callable, Sequence

from schemas.prediction import Detector

_SENTENCE = (
    "收件人张三，电话138-0013-8000，身份证号11010519491231002X，住北京市朝阳区建国路88号5号楼1单元502室，"
    "请于2024年3月15日前把合同寄到上海分公司，抄送李雷和王小明，邮箱lilei@example.com，订单号DD20240315001，谢谢。"
)
LENGTHS = (20, 100, 500, 2000)


def text_of(length: int, shift: int = 0) -> str:
    """A text of `length` characters that begins at character `shift` of a sample sentence."""
    repeated = _SENTENCE * (length // len(_SENTENCE) + 2)
    return repeated[shift % len(_SENTENCE) :][:length]


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def single_latency(detector: Detector, length: int, repeats: int) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds of one call with one text of `length` characters, after warm-up."""
    texts = [text_of(length, shift) for shift in range(repeats + 3)]
    times = [_seconds(lambda text=text: detector.detect([text])) for text in texts][3:]  # type: ignore[misc]
    return statistics.median(times) * 1e3, statistics.quantiles(times, n=20)[-1] * 1e3


def throughput(detector: Detector, texts: Sequence[str], rounds: int) -> tuple[float, float]:
    """Texts per second one call a text, and in one batch call; the two alternate, the median round counts."""
    one_by_one = lambda: [detector.detect([text]) for text in texts]  # noqa: E731
    batch = lambda: detector.detect(texts)  # noqa: E731
    pairs = [(_seconds(one_by_one), _seconds(batch)) for _ in range(rounds)]
    singles, batches = zip(*pairs, strict=True)
    return len(texts) / statistics.median(singles), len(texts) / statistics.median(batches)


def run_benchmark(detector: Detector, repeats: int = 40, rounds: int = 3) -> dict[str, float]:
    """Measure `detector`, print a table and one JSON line last, and return the figures of that line."""
    figures: dict[str, float] = {}
    for length in LENGTHS:
        p50, p95 = single_latency(detector, length, repeats)
        figures |= {f"p50_ms_{length}": p50, f"p95_ms_{length}": p95}
        print(f"one text of {length:5} characters: p50 {p50:7.1f} ms, p95 {p95:7.1f} ms")
    singles, batches = throughput(detector, [text_of(100, shift) for shift in range(64)], rounds)
    ratio = batches / singles
    print(f"64 texts of 100 characters: {singles:.1f} texts/s one by one, {batches:.1f} in a batch, ratio {ratio:.2f}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak resident memory: {memory:.0f} MB")
    figures |= {"texts_per_s_single": singles, "texts_per_s_batch": batches, "peak_rss_mb": memory}
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}))
    return figures
