"""Signals that end a command."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Those of Ctrl-C aside, which Python turns into an exception itself."""
_SIGNALLED = 128
"""A shell adds it to the number of a signal that ended a command."""


@contextmanager
def clean_end() -> Iterator[None]:
    """Let signals end the command by an exception, so that temporary files are removed on the way.

    A signal that is ignored, as under nohup, stays so. Handlers belong to the main thread; elsewhere nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ending = [number for number in _ENDING if signal.getsignal(number) == signal.SIG_DFL]
    for number in ending:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in ending:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(_SIGNALLED + number)
