"""HTTP connections whose client has to keep up: neither a slow nor a silent one is waited for without end."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """Closes a connection when its client takes too long: for a whole header, the next bytes of a body, or for reading.

    The time between requests is uvicorn's own (`timeout_keep_alive`).
    """

    def __init__(self, *args: Any, seconds: float, **options: Any) -> None:
        """Wait at most `seconds` for a client; all else is uvicorn's."""
        super().__init__(*args, **options)
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first header."""
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        """Take bytes, and wait for more where the request goes on."""
        super().data_received(data)
        state = self.conn.their_state
        if state is h11.SEND_BODY or (state is h11.IDLE and self._timer is None):
            self._start()
        elif state is not h11.IDLE:
            self._stop()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._start()

    def resume_writing(self) -> None:
        """Go on, now that the client has read."""
        super().resume_writing()
        self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the wait too."""
        super().connection_lost(exc)
        self._stop()

    def _start(self) -> None:
        self._stop()
        self._timer = self.loop.call_later(self._seconds, self._end)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        if self.flow.read_paused and not self.flow.write_paused:
            self._start()  # it is we who do not read
        else:
            self.transport.abort()
