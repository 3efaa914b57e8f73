import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from schemas.errors import InvalidTextError
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.rules.engine import RulesEngine
from serving.service.batching import SHORT, Batcher, Overloaded


class Gate(RulesEngine):
    """Waits in its first call until it is released, and remembers all calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], Sequence[T] | None]] = []
        self.entered, self.released = threading.Event(), threading.Event()
        self.changes: list[int] = []

    def detect(self, texts: Sequence[str], types: Sequence[T] | None = None) -> list[Prediction]:
        self.calls.append((list(texts), types))
        self.entered.set()
        assert self.released.wait(30)
        if "bad" in texts:
            raise ZeroDivisionError
        return super().detect(texts, types)


def behind_the_gate(
    gate: Gate,
    batcher: Batcher,
    pool: ThreadPoolExecutor,
    *jobs: tuple[Sequence[str], Sequence[T] | None],
    hold: float = 0.0,
) -> list[object]:
    """Start one call, queue `jobs` behind it in order, release, and return what they gave or raised."""
    first = pool.submit(batcher.detect, ["first"])
    assert gate.entered.wait(30)
    waiting = []
    for number, job in enumerate(jobs, start=1):
        waiting.append(pool.submit(batcher.detect, *job))
        while sum(gate.changes) < number and not waiting[-1].done():
            time.sleep(0.001)
    time.sleep(hold)
    gate.released.set()
    first.result(30)
    return [future.exception(30) or future.result(30) for future in waiting]


def test_what_waits_goes_into_one_call_and_every_caller_gets_its_own() -> None:
    gate = Gate()
    batcher = Batcher(gate, changed=gate.changes.append)
    with ThreadPoolExecutor(8) as pool:
        found = behind_the_gate(
            gate, batcher, pool, (["13800138000", "x"], None), (["y"], None), (["13900139000"], None)
        )
    assert [[prediction.text for prediction in answer] for answer in found] == [
        ["13800138000", "x"],
        ["y"],
        ["13900139000"],
    ]  # type: ignore[attr-defined]
    assert gate.changes == [1, -1, 1, 1, 1, -3]
    assert [texts for texts, _ in gate.calls] == [["first"], ["13800138000", "x", "y", "13900139000"]]
    assert found[0][0].entities and found[2][0].entities  # type: ignore[index]
    batcher.close()


def test_calls_are_for_the_same_types_and_not_too_long() -> None:
    gate = Gate()
    batcher = Batcher(gate, characters=4, changed=gate.changes.append)
    with ThreadPoolExecutor(8) as pool:
        behind_the_gate(
            gate,
            batcher,
            pool,
            (["aa"], None),
            (["bb"], [T.EMAIL]),
            (["cc"], None),
            (["dd"], None),
            (["long text"], None),
        )
    assert gate.calls[1:] == [(["aa", "cc"], None), (["bb"], (T.EMAIL,)), (["dd"], None), (["long text"], None)]


def test_a_short_request_does_not_wait_behind_a_long_one() -> None:
    gate = Gate()
    batcher = Batcher(gate, changed=gate.changes.append)
    long = ["x" * (SHORT + 1)]
    with ThreadPoolExecutor(8) as pool:
        waiting = pool.submit(batcher.detect, long)
        assert gate.entered.wait(30)
        short = pool.submit(batcher.detect, ["short"])
        while len(gate.calls) < 2:
            time.sleep(0.001)
        gate.released.set()
        assert short.result(30)[0].text == "short"
        assert waiting.result(30)[0].text == long[0]
    assert [texts for texts, _ in gate.calls] == [long, ["short"]]
    batcher.close()


def test_a_request_that_fails_does_not_fail_the_others() -> None:
    gate = Gate()
    batcher = Batcher(gate, changed=gate.changes.append)
    with ThreadPoolExecutor(8) as pool:
        found = behind_the_gate(gate, batcher, pool, (["13800138000"], None), (["bad"], None), (["good"], None))
    assert isinstance(found[1], ZeroDivisionError)
    assert found[0][0].entities and found[2][0].text == "good"  # type: ignore[index]


def test_too_many_and_too_late_requests_are_refused() -> None:
    gate = Gate()
    batcher = Batcher(gate, waiting=1, seconds=1.0, changed=gate.changes.append)
    with ThreadPoolExecutor(8) as pool:
        found = behind_the_gate(gate, batcher, pool, (["late"], None), (["one too many"], None), hold=1.2)
    assert [type(answer) for answer in found] == [Overloaded, Overloaded]
    assert len(gate.calls) == 1


def test_a_closed_batcher_answers_what_waits_and_refuses_what_comes() -> None:
    gate = Gate()
    batcher = Batcher(gate, changed=gate.changes.append)
    with ThreadPoolExecutor(8) as pool:
        (found,) = behind_the_gate(gate, batcher, pool, (["x"], None))
        batcher.close()
        assert found[0].text == "x"  # type: ignore[index]
        with pytest.raises(Overloaded):
            batcher.detect(["y"])


def test_a_bad_text_is_refused_before_it_meets_others() -> None:
    with pytest.raises(InvalidTextError):
        Batcher(RulesEngine()).detect(["\ud800"])


class Panic(RulesEngine):
    """Fails the first time with what is no Exception, as a panic in a library of Rust."""

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, texts: Sequence[str], types: Sequence[T] | None = None) -> list[Prediction]:
        self.calls += 1
        if self.calls == 1:
            raise GeneratorExit
        return super().detect(texts, types)


def test_a_panic_of_the_engine_ends_no_thread() -> None:
    batcher = Batcher(Panic())
    with pytest.raises(GeneratorExit):
        batcher.detect(["a"])
    assert batcher.detect(["b"])[0].text == "b"


def test_a_request_waits_no_longer_than_it_may_for_a_call_that_takes_long() -> None:
    gate = Gate()
    batcher = Batcher(gate, seconds=0.2)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(batcher.detect, ["first"])
        assert gate.entered.wait(10)
        with pytest.raises(Overloaded):
            batcher.detect(["second"])
        assert not first.done()
        gate.released.set()
        assert first.result()[0].text == "first"
    batcher.close()
    assert [texts for texts, _ in gate.calls] == [["first"]]
