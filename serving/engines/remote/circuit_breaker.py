"""A circuit breaker (Nygard, Release It!, 2007): while a server is away, nobody waits for it."""

import time
from collections.abc import Callable
from threading import Lock


class CircuitBreaker:
    """Opens after `failures` failures in a row, for `seconds`; then a single request tries whether the server is back.

    May be used from several threads.
    """

    def __init__(self, failures: int = 3, seconds: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells the time in seconds."""
        self._failures, self._seconds, self._clock = failures, seconds, clock
        self._in_a_row = 0
        self._until = 0.0
        self._lock = Lock()

    def allows(self) -> bool:
        """Whether a request may be sent now; who hears True tells how it went by `succeeded` or `failed`."""
        with self._lock:
            if self._in_a_row < self._failures:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + self._seconds  # the others stay out while this one tries
            return True

    def succeeded(self) -> None:
        """A request was answered."""
        with self._lock:
            self._in_a_row = 0

    def failed(self) -> None:
        """A request failed for good."""
        with self._lock:
            self._in_a_row += 1
            self._until = self._clock() + self._seconds
