"""Several processes that serve one socket; one that dies is replaced."""

import argparse
import socket
import sys
from collections.abc import Callable
from functools import partial

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from schemas.errors import PiiSftError
from serving.service.metrics import shared_metrics
from serving.service.middleware.access_log import log_to_stderr

_STARTING = 300.0
"""Seconds that a worker may take to load its model."""
_FAILED = 2


class Supervisor(Multiprocess):
    """Starts workers, and says so when all of them answer."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket, ready: Callable[[], None]) -> None:
        """Serve `config` on `listener`; `ready` is called when every worker answers."""
        super().__init__(config, [listener])
        self._ready = ready

    def init_processes(self) -> None:
        """Start the workers and wait for them."""
        super().init_processes()
        if all(process.wait_until_ready(_STARTING, self.should_exit) for process in self.processes):
            self._ready()

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have died, and count no longer what they were about."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for gone in before - {process.pid for process in self.processes}:
            if gone is not None:
                self._died(gone)

    def serve(self) -> int:
        """Run until SIGTERM or SIGINT, which end the workers once they have answered. Returns 0, or 2 if none start."""
        with shared_metrics() as self._died:
            self.run()
        return _FAILED if any(process.exitcode == STARTUP_FAILURE for process in self.processes) else 0


Make = Callable[[argparse.Namespace], FastAPI]
"""Makes an application; a function of a module, so that other processes can call it."""


def worker_app(make: Make, arguments: argparse.Namespace) -> Callable[[], FastAPI]:
    """What makes the application in a worker."""
    return partial(_made, make, arguments)


def _made(make: Make, arguments: argparse.Namespace) -> FastAPI:
    log_to_stderr()
    try:
        return make(arguments)
    except PiiSftError as error:
        if arguments.workers == 1:
            raise
        print(f"pii-sft: error: {error}", file=sys.stderr)
        sys.exit(STARTUP_FAILURE)
