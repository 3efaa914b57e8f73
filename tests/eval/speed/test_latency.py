import json
import threading
import time

import pytest

from eval.speed.bench import run_benchmark, run_ratio, text_of
from eval.speed.latency import CALLERS, WARM_UP, measure_latency, ratio, sample
from eval.system import Plain, System
from serving.engines.rules.engine import RulesEngine
from tests.eval.samples import TYPES, Finder


def test_every_number_of_callers_is_measured() -> None:
    finder = Finder(())
    figures = measure_latency(finder, ["短", "长" * 300], TYPES, 5.0)
    assert list(figures.callers) == [str(callers) for callers in CALLERS]
    assert (
        len(finder.asked) == WARM_UP + 2 * sum(CALLERS) == WARM_UP + sum(row.calls for row in figures.callers.values())
    )
    assert [characters for characters, _ in figures.single] == [1, 300]
    row = figures.callers["64"]
    assert 0 < row.p50_ms <= row.p90_ms <= row.p95_ms <= row.p99_ms
    assert row.characters_per_s == pytest.approx(row.texts_per_s * 150.5)


class Slow(Finder):
    """Takes turns, a tenth of a second each, and knows how many callers waited at once."""

    def __init__(self) -> None:
        super().__init__(())
        self.lock, self.waiting, self.most = threading.Lock(), 0, 0

    def reply(self, texts, types):  # type: ignore[no-untyped-def]
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        with self.lock:
            time.sleep(0.1)
        self.waiting -= 1
        return super().reply(texts, types)


def test_callers_that_would_wait_too_long_are_left_out() -> None:
    slow = Slow()
    figures = measure_latency(slow, ["x"] * 4, TYPES, 0.9)
    assert list(figures.callers) == ["1", "4"] and slow.most == 4


def test_a_sample_is_spread_over_all_texts() -> None:
    assert sorted(map(int, sample(map(str, range(640)), 640))) == list(range(0, 640, 10))
    assert sorted(sample(iter("abc"), 3)) == ["a", "b", "c"]
    spread = sample(map(str, range(127)), 127)
    assert len(spread) == 64 and "125" in spread


@pytest.mark.parametrize("total", [8, 40, 64])
def test_every_beginning_of_a_sample_has_all_lengths(total: int) -> None:
    lengths = [len(text) for text in sample(("x" * (number + 1) for number in range(total)), total)]
    assert sorted(lengths) == list(range(1, total + 1))
    for start in (4, 8):
        mean = sum(lengths[:start]) / start
        assert abs(mean - (total + 1) / 2) <= total / 4


def test_a_ratio_is_of_turns() -> None:
    calls: list[int] = []
    times, (low, high), ours, theirs = ratio(lambda: calls.append(0), lambda: (calls.append(1), time.sleep(0.002)), 6)
    assert calls == [0, 1, 1, 0] * 3
    assert 1 < low <= times <= high and len(ours) == len(theirs) == 6


def rules(spec: str) -> System:
    return System(spec, "1", "rules", Plain(RulesEngine()))


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    figures: dict[str, float] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return figures


def test_benchmarks_end_in_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    figures = run_benchmark(rules("rules"), repeats=3, rounds=1)
    assert last_line(capsys).keys() == figures.keys()
    assert all(value > 0 for value in figures.values())
    figures = run_ratio(rules("one"), rules("two"), 3)
    assert last_line(capsys).keys() == figures.keys()
    assert all(
        figures[f"low_{length}"] <= figures[f"ratio_{length}"] <= figures[f"high_{length}"] for length in (20, 100, 500)
    )


def test_benchmark_texts_have_the_stated_length() -> None:
    assert [len(text_of(length, 7)) for length in (1, 100, 5000)] == [1, 100, 5000]
