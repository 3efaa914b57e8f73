"""Remembers what stand-ins mean from a request to its answer, for those who ask about the two apart."""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence

from serving.redaction import ReplacementMap

_MAPS = 8
"""How often a call may be masked anew before the first is forgotten."""


class RecentCalls:
    """What the stand-ins of the last calls mean, until their answers are here; the oldest go first."""

    def __init__(self, most: int = 100_000, seconds: float = 3600) -> None:
        """Keep calls with at most `most` values together, each call for `seconds`."""
        self._most, self._seconds = most, seconds
        self._calls: OrderedDict[tuple[str, str], tuple[float, list[ReplacementMap]]] = OrderedDict()
        self._values = 0
        self._lock = threading.Lock()

    def add(self, tenant: str, call: str, replacement_map: ReplacementMap) -> None:
        """Keep what was masked for `call` of `tenant`; of one that is masked several times, the last few."""
        now = time.monotonic()
        with self._lock:
            _, known = self._calls.pop((tenant, call), (now, []))
            self._values -= sum(map(len, known))
            kept = [one for one in known if one.to_json() != replacement_map.to_json()][1 - _MAPS :]
            self._calls[tenant, call] = (now, [*kept, replacement_map])
            self._values += sum(map(len, self._calls[tenant, call][1]))
            while self._calls and (self._values > self._most or now - self._oldest() > self._seconds):
                self._values -= sum(map(len, self._calls.popitem(last=False)[1][1]))

    def _oldest(self) -> float:
        """When the oldest call was masked."""
        return next(iter(self._calls.values()))[0]

    def of(self, tenant: str, call: str) -> Sequence[ReplacementMap]:
        """What was masked for `call`, the last first."""
        with self._lock:
            then, known = self._calls.get((tenant, call), (0.0, []))
        return known[::-1] if time.monotonic() - then <= self._seconds else []
