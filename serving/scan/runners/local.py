"""Workers on this machine: this process, or several processes with a detector each."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, cast

from schemas.errors import PiiSftError
from serving.scan.parts import Part
from serving.scan.receipts import Receipt
from serving.scan.runners.runner import TRIES, give_up
from serving.scan.scan_part import Work


class InProcess:
    """A `Runner` without other processes."""

    def run(self, parts: Sequence[Part], work: Work) -> Iterator[tuple[Part, Receipt]]:
        """As `Runner` has it."""
        for part in parts:
            yield part, work(part)


@dataclass(frozen=True, slots=True)
class Processes:
    """A `Runner` with `count` processes."""

    count: int

    def run(self, parts: Sequence[Part], work: Work) -> Iterator[tuple[Part, Receipt]]:
        """As `Runner` has it."""
        pool = _Pool(parts, work)
        try:
            for _ in range(min(self.count, len(parts))):
                pool.start()
            while pool.workers:
                yield from pool.next()
        finally:
            pool.stop()


class _Pool:
    """Worker processes by their connections, each with the part that it is about."""

    def __init__(self, parts: Sequence[Part], work: Work) -> None:
        self.workers: dict[Connection, tuple[Any, Part]] = {}
        self._waiting = deque(parts)
        self._work = work
        self._deaths: Counter[str] = Counter()

    def start(self) -> None:
        """Start a process with the next part."""
        context = multiprocessing.get_context("spawn")
        connection, other = context.Pipe()
        process = context.Process(target=serve, args=(other, self._work), daemon=True)
        process.start()
        other.close()
        self._give(connection, process)

    def next(self) -> Iterator[tuple[Part, Receipt]]:
        """Wait for workers, and give them their next parts."""
        for ready in wait(list(self.workers)):
            connection = cast(Connection, ready)
            process, part = self.workers.pop(connection)
            try:
                answer = connection.recv()
            except (EOFError, OSError):
                yield from self._replace(connection, process, part)
                continue
            if isinstance(answer, Exception):
                self.workers[connection] = process, part
                raise answer
            yield part, answer
            self._give(connection, process)

    def stop(self) -> None:
        """End all processes."""
        for connection, (process, _) in self.workers.items():
            connection.close()
            process.terminate()
        for process, _ in self.workers.values():
            process.join()

    def _give(self, connection: Connection, process: Any) -> None:
        if self._waiting:
            part = self._waiting.popleft()
            self.workers[connection] = process, part
            with suppress(OSError):  # the process may have died, which the next wait tells
                connection.send(part)
        else:
            connection.close()
            process.join()

    def _replace(self, connection: Connection, process: Any, part: Part) -> Iterator[tuple[Part, Receipt]]:
        """Another process in the place of one that died, and its part again."""
        connection.close()
        process.join()
        self._deaths[part.key] += 1
        if self._deaths[part.key] == TRIES:
            yield part, give_up(part, self._work)
        else:
            self._waiting.appendleft(part)
        if self._waiting:
            self.start()


def serve(connection: Connection, work: Work) -> None:
    """Do parts until the connection ends. Errors that were foreseen are answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the first process ends the others
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by an exception, which removes temporary files
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            part = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer: Receipt | Exception = work(part)
        except (PiiSftError, OSError, ImportError) as error:
            answer = error
        with suppress(OSError):  # the first process may have ended the scan, which the next wait tells
            connection.send(answer)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however that ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
