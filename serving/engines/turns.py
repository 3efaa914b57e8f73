"""Turns: of several threads that want the same thing, the one that asked first has it first."""

from collections import deque
from threading import Lock
from types import TracebackType


class Turns:
    """A lock that is given in the order in which it was asked for; `threading.Lock` may starve one who waits."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._waiting: deque[Lock] = deque()
        self._taken = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        try:
            mine.acquire()  # until the one before hands it over
        except BaseException:  # a signal
            self._leave(mine)
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._guard:
            self._hand_over()

    def _leave(self, mine: Lock) -> None:
        """Wait no longer by `mine`, or hand the turn over where it has come already."""
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
            else:
                self._hand_over()

    def _hand_over(self) -> None:
        if self._waiting:
            self._waiting.popleft().release()
        else:
            self._taken = False
