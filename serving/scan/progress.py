"""How far a scan is: rows, rate and time left."""

import sys
import time
from typing import TextIO

from serving.scan.parts import Part
from serving.scan.receipts import Receipt

_EVERY = 10.0
"""Seconds between two lines where nobody watches."""


class Progress:
    """Tells of finished parts: on a terminal in one line that changes, elsewhere in a line every ten seconds."""

    def __init__(self, parts: int, size: int, stream: TextIO | None = None) -> None:
        """Of `parts` with `size` bytes together."""
        self._parts, self._size, self._stream = parts, size, stream or sys.stderr
        self._start = self._told = time.monotonic()
        self._done = self._bytes = self._rows = 0

    def add(self, part: Part, receipt: Receipt) -> None:
        """Count a finished part."""
        self._done += 1
        self._bytes += part.size
        self._rows += receipt.tally.searched
        now = time.monotonic()
        if self._stream.isatty():
            print(f"\r\x1b[K{self._line(now)}", end="", file=self._stream, flush=True)
        elif now - self._told >= _EVERY:
            print(self._line(now), file=self._stream, flush=True)
            self._told = now

    def close(self) -> None:
        """Tell how it ended."""
        end = "\r\x1b[K" if self._stream.isatty() else ""
        print(f"{end}{self._line(time.monotonic())}", file=self._stream, flush=True)

    def _line(self, now: float) -> str:
        seconds = max(now - self._start, 1e-6)
        left = seconds * (self._size - self._bytes) / self._bytes if self._bytes else 0.0
        rate = f"{self._rows:,} rows, {self._rows / seconds:,.0f} a second"
        time_left = f", {_duration(left)} left" if self._done < self._parts else f" in {_duration(seconds)}"
        return f"{self._done:,} of {self._parts:,} parts, {rate}{time_left}"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
