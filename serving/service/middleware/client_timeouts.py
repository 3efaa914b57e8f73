"""HTTP connections whose client has to keep up: neither a slow nor a silent one is waited for without end."""

from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """Ends a connection on which only the client could go on, and has not for a while.

    It could send the rest of a header or, when the application waits for it, more of a body; it could read an answer;
    it could let a closed connection end. The time between requests is uvicorn's own (`timeout_keep_alive`).
    """

    def __init__(self, *args: Any, seconds: float, **options: Any) -> None:
        """Look every `seconds` whether the client has gone on since; all else is uvicorn's."""
        super().__init__(*args, **options)
        self._seconds = seconds
        self._pieces = self._resumed = 0
        self._awaits_body = False
        self._application, self.app = self.app, self._watched
        self._last: tuple[str, int] | None = None
        self._timer = self.loop.call_later(seconds, self._look)

    async def _watched(self, scope: Any, receive: Any, send: Any) -> None:
        async def received() -> Any:
            self._awaits_body = True
            try:
                return await receive()
            finally:
                self._awaits_body = False

        await self._application(scope, received, send)

    def data_received(self, data: bytes) -> None:
        """Take bytes; end a connection whose bytes make no sense while an answer is on its way."""
        self._pieces += 1
        try:
            super().data_received(data)
        except h11.LocalProtocolError:  # uvicorn would begin another answer
            self.transport.abort()

    def resume_writing(self) -> None:
        """Go on, now that the client has read."""
        super().resume_writing()
        self._resumed += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        super().connection_lost(exc)
        self._timer.cancel()

    def _look(self) -> None:
        awaited = self._awaited()
        if awaited is not None and awaited == self._last:
            self.transport.abort()
            return
        self._last = awaited
        self._timer = self.loop.call_later(self._seconds, self._look)

    def _awaited(self) -> tuple[str, int] | None:
        """What only the client can do, with a number that changes when it does some of it; else None."""
        if self.transport.is_closing():
            return "end", 0
        if self.flow.write_paused:
            return "read", self._resumed
        state = self.conn.their_state
        if state is h11.SEND_BODY and self._awaits_body:
            return "body", self._pieces
        if state is h11.IDLE and self.timeout_keep_alive_task is None:
            return "header", id(self.cycle)
        return None
