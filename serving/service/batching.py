"""Puts the texts of requests that wait at the same time into one call of the engine."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice

from schemas.engine import Engine
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType
from schemas.text.text import Text

SHORT = 1_000
"""Characters of a request up to which it counts as short."""


class Overloaded(Exception):
    """More requests wait than can be answered in time; carries nothing of the request."""


@dataclass(eq=False, slots=True)
class _Waiting:
    texts: Sequence[Text] = field(repr=False)
    types: tuple[EntityType, ...] | None
    characters: int
    answer: "Future[list[Prediction]]" = field(default_factory=Future)


class Batcher:
    """An engine that several threads share.

    A thread of its own calls the engine with all that has come in for the same types while the last call ran, up to
    `characters` at a time. No request waits for others to join it, and under load the calls grow. Requests of more than
    `SHORT` characters have a second thread, so that short ones do not wait behind them.
    """

    def __init__(
        self,
        engine: Engine,
        characters: int = 20_000,
        waiting: int = 256,
        seconds: float = 30.0,
        changed: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Let at most `waiting` requests wait, none of them longer than `seconds` before its call begins.

        `changed` is called with the change of the number of requests that wait.
        """
        self._max_waiting, self._seconds = waiting, seconds
        self._changed = changed
        self._filled = threading.Condition()
        self._short, self._long = (_Lane(engine, characters, self._filled, changed) for _ in range(2))

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `Engine` has it. Raises Overloaded when too many wait, or this request did for too long."""
        checked = [Text.of(text) for text in texts]  # or a bad text would fail the others of its call
        requested = None if types is None else tuple(types)
        request = _Waiting(checked, requested, sum(map(len, checked)))
        lane = self._short if request.characters <= SHORT else self._long
        with self._filled:
            if len(self._short.queue) + len(self._long.queue) >= self._max_waiting or lane.closed:
                raise Overloaded
            lane.queue.append(request)
            self._changed(1)
            self._filled.notify_all()
        try:
            return request.answer.result(self._seconds)
        except TimeoutError:
            if request.answer.cancel():  # its call has not begun
                raise Overloaded from None
            return request.answer.result()

    def close(self) -> None:
        """Answer what waits, then end the threads; later requests raise Overloaded."""
        with self._filled:
            self._short.closed = self._long.closed = True
            self._filled.notify_all()
        self._short.thread.join()
        self._long.thread.join()


class _Lane:
    """A queue of requests and the thread that answers them."""

    def __init__(
        self, engine: Engine, characters: int, filled: threading.Condition, changed: Callable[[int], None]
    ) -> None:
        self.queue: deque[_Waiting] = deque()
        self.closed = False
        self._engine, self._characters = engine, characters
        self._filled, self._changed = filled, changed
        self.thread = threading.Thread(target=self._work, name="batcher", daemon=True)
        self.thread.start()

    def _work(self) -> None:
        while batch := self._next():
            self._answer([request for request in batch if request.answer.set_running_or_notify_cancel()])

    def _next(self) -> list[_Waiting]:
        """The longest waiting request, and others for the same types that still fit; none once closed and empty."""
        with self._filled:
            self._filled.wait_for(lambda: self.queue or self.closed)
            batch: list[_Waiting] = []
            left: deque[_Waiting] = deque()
            characters = 0
            for request in self.queue:
                fits = characters + request.characters <= self._characters and request.types == self.queue[0].types
                if not batch or fits:
                    batch.append(request)
                    characters += request.characters
                else:
                    left.append(request)
            self.queue = left
            self._changed(-len(batch))
            return batch

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        if not batch:
            return
        texts = [text for request in batch for text in request.texts]
        try:
            predictions = iter(self._engine.detect(texts, batch[0].types))
        except BaseException as error:  # a panic of a library in Rust is no Exception, and this thread must live
            if len(batch) == 1:
                batch[0].answer.set_exception(error)
            else:  # one of them may be to blame
                for request in batch:
                    self._answer([request])
            return
        for request in batch:
            request.answer.set_result(list(islice(predictions, len(request.texts))))
