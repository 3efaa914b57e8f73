"""Puts the texts of requests that wait at the same time into one call of the detector."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice

from schemas.engine import Engine
from schemas.spans.entity import check_text
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType

Types = tuple[EntityType, ...] | None


class Overloaded(Exception):
    """More waits than can be answered in time; carries nothing of the request."""


@dataclass(eq=False, slots=True)
class _Waiting:
    texts: Sequence[str]
    types: Types
    deadline: float
    characters: int
    answer: "Future[list[Prediction]]" = field(default_factory=Future)


class Batcher:
    """A detector that several threads share; itself a `schemas.engine.Engine`.

    One thread of its own calls the detector, with all that has come in for the same types while the last call ran, up
    to `characters` at a time: nothing waits for company, and under load calls grow.
    """

    def __init__(
        self,
        detector: Engine,
        characters: int = 20_000,
        waiting: int = 256,
        seconds: float = 30.0,
        changed: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Let at most `waiting` requests wait, none of them longer than `seconds` before its call begins.

        `changed` is told by how many the number of those that wait has changed.
        """
        self._detector = detector
        self._characters, self._most, self._seconds = characters, waiting, seconds
        self._changed = changed
        self._queue: deque[_Waiting] = deque()
        self._filled = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="batcher", daemon=True)
        self._thread.start()

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `Engine` has it. Raises Overloaded when too many wait, or this request did for too long."""
        for text in texts:
            check_text(text)  # or one bad text would fail all others of its call
        wanted = None if types is None else tuple(types)
        item = _Waiting(texts, wanted, time.monotonic() + self._seconds, sum(map(len, texts)))
        with self._filled:
            if len(self._queue) >= self._most or self._closed:
                raise Overloaded
            self._queue.append(item)
            self._changed(1)
            self._filled.notify()
        return item.answer.result()

    def close(self) -> None:
        """Answer what waits, then end the thread; later requests raise Overloaded."""
        with self._filled:
            self._closed = True
            self._filled.notify()
        self._thread.join()

    def _work(self) -> None:
        while batch := self._next():
            late = [item for item in batch if item.deadline < time.monotonic()]
            for item in late:
                item.answer.set_exception(Overloaded())
            self._answer([item for item in batch if item not in late])

    def _next(self) -> list[_Waiting]:
        """The longest waiting request, and others for the same types that still fit; none once closed and empty."""
        with self._filled:
            self._filled.wait_for(lambda: self._queue or self._closed)
            batch: list[_Waiting] = []
            left: deque[_Waiting] = deque()
            characters = 0
            for item in self._queue:
                fits = characters + item.characters <= self._characters and item.types == self._queue[0].types
                if not batch or fits:
                    batch.append(item)
                    characters += item.characters
                else:
                    left.append(item)
            self._queue = left
            self._changed(-len(batch))
            return batch

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        if not batch:
            return
        texts = [text for item in batch for text in item.texts]
        try:
            found = iter(self._detector.detect(texts, batch[0].types))
        except Exception as error:
            if len(batch) == 1:
                batch[0].answer.set_exception(error)
            else:  # one of them may be to blame
                for item in batch:
                    self._answer([item])
            return
        for item in batch:
            item.answer.set_result(list(islice(found, len(item.texts))))
