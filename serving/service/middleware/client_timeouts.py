"""Time limits for clients: a connection ends when its client is too slow or silent."""

from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class ClientTimeoutProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which also ends a connection when the service has waited too long for the client.

    The service waits for the rest of a header, for more of a body that the application reads, for the client to read
    an answer, or for a closed connection to end. The time between requests is uvicorn's (`timeout_keep_alive`).
    """

    def __init__(self, *args: Any, seconds: float, **options: Any) -> None:
        """Check every `seconds` whether the client has gone on; all other arguments are uvicorn's."""
        super().__init__(*args, **options)
        self._seconds = seconds
        self._chunks = self._resumed = 0
        self._awaits_body = False
        self._application, self.app = self.app, self._run_application
        self._last_awaited: tuple[str, int] | None = None
        self._timer = self.loop.call_later(seconds, self._check)

    async def _run_application(self, scope: Any, receive: Any, send: Any) -> None:
        async def receive_from_client() -> Any:
            self._awaits_body = True
            try:
                return await receive()
            finally:
                self._awaits_body = False

        await self._application(scope, receive_from_client, send)

    def data_received(self, data: bytes) -> None:
        """Take bytes; end a connection that sends bytes out of order while it is answered."""
        self._chunks += 1
        try:
            super().data_received(data)
        except h11.LocalProtocolError:  # uvicorn would begin another answer
            self.transport.abort()

    def resume_writing(self) -> None:
        """Continue, now that the client has read."""
        super().resume_writing()
        self._resumed += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop checking."""
        super().connection_lost(exc)
        self._timer.cancel()

    def _check(self) -> None:
        awaited = self._awaited()
        if awaited is not None and awaited == self._last_awaited:
            self.transport.abort()
            return
        self._last_awaited = awaited
        self._timer = self.loop.call_later(self._seconds, self._check)

    def _awaited(self) -> tuple[str, int] | None:
        """What the client has to do next, and a number that changes when it does a part of it; None when nothing."""
        if self.transport.is_closing():
            return "end", 0
        if self.flow.write_paused:
            return "read", self._resumed
        state = self.conn.their_state
        if state is h11.SEND_BODY and self._awaits_body:
            return "body", self._chunks
        if state is h11.IDLE and self.timeout_keep_alive_task is None:
            return "header", id(self.cycle)
        return None
