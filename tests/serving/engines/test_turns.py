import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from serving.engines.turns import Turns


def test_who_asks_first_is_first_even_against_one_who_asks_again_at_once() -> None:
    turns, order, begun = Turns(), list[str](), threading.Event()

    def greedy() -> None:
        for number in range(3):
            with turns:
                order.append(f"greedy {number}")
                begun.set()
                time.sleep(0.05)

    def patient(name: str) -> None:
        with turns:
            order.append(name)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(greedy)
        assert begun.wait(30)
        second = pool.submit(patient, "a")
        while not turns._waiting:
            time.sleep(0.001)
        third = pool.submit(patient, "b")
        for future in (first, second, third):
            future.result(30)
    assert order == ["greedy 0", "a", "b", "greedy 1", "greedy 2"]


def test_one_at_a_time() -> None:
    turns, inside, most = Turns(), 0, 0

    def enter() -> None:
        nonlocal inside, most
        for _ in range(200):
            with turns:
                inside += 1
                most = max(most, inside)
                inside -= 1

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(enter) for _ in range(8)]:
            future.result(60)
    assert most == 1 and inside == 0


def test_an_error_hands_the_turn_over() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns:
        raise ZeroDivisionError
    with turns:
        pass


def test_who_is_interrupted_while_waiting_leaves_the_queue() -> None:
    turns, mine = Turns(), threading.Lock()
    with turns:
        turns._waiting.append(mine)
        turns._leave(mine)
        assert not turns._waiting
    assert not turns._taken


def test_who_is_interrupted_when_the_turn_has_come_hands_it_over() -> None:
    turns, mine = Turns(), threading.Lock()
    with turns:
        mine.acquire()
        turns._waiting.append(mine)
    assert turns._taken and not turns._waiting
    turns._leave(mine)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: turns.__enter__() or True).result(30)
