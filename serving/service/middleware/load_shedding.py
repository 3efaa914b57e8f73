"""Keeps the service from taking in more than it can answer."""

import anyio.to_thread
from fastapi import FastAPI, HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.service.error_handlers import TOO_MANY, ErrorAnswer
from serving.service.routes.streaming import STREAMS, is_stream

_BODIES = 16
"""Bodies of the greatest length that may be in memory at once."""
_SPARE_THREADS = 8


class LoadShedding:
    """ASGI middleware that works on at most `limit` requests and answers 503 with Retry-After to more of them.

    A request counts from the moment when its body is there: slow clients take no place. Until its answer is sent its
    body counts against `_BODIES` of `max_bytes`. Every request that is let in has a thread, so none waits where no
    deadline looks. Streams are apart: they take turns (`serving.service.routes.streaming`).
    """

    def __init__(self, app: ASGIApp, limit: int, max_bytes: int) -> None:
        self._app = app
        self._limit, self._most_bytes = limit, _BODIES * max_bytes
        self._running = self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, or refuse."""
        threads = anyio.to_thread.current_default_thread_limiter()
        threads.total_tokens = max(threads.total_tokens, self._limit + STREAMS + _SPARE_THREADS)
        await (self._app if is_stream(scope) else self._counted)(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        entered, size = False, 0

        async def counted() -> Message:
            nonlocal entered, size
            message = await receive()
            length = len(message.get("body", b""))
            size += length
            self._bytes += length
            whole = message["type"] == "http.request" and not message.get("more_body") and not entered
            if self._bytes > self._most_bytes or (whole and self._running >= self._limit):
                raise HTTPException(503, TOO_MANY)
            entered = entered or whole
            self._running += whole
            return message

        try:
            await self._app(scope, counted, send)
        finally:
            self._running -= entered
            self._bytes -= size


class BodyLimit:
    """ASGI middleware that answers 413 to a body of more than `limit` bytes without reading the rest of it."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, unless the body is declared too long; stop it when more arrives than it may read."""
        if scope["type"] != "http" or is_stream(scope):
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > self._limit:
            await ErrorAnswer(413, self._message).response()(scope, receive, send)
            return
        size = 0

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._limit:
                raise HTTPException(413, self._message)
            return message

        await self._app(scope, limited, send)

    @property
    def _message(self) -> str:
        return f"body of more than {self._limit} bytes"


def add_load_shedding(app: FastAPI, limit: int, max_bytes: int) -> None:
    """Make `app` answer 503 above `limit` requests and 413 to bodies of more than `max_bytes`."""
    app.add_middleware(LoadShedding, limit=limit, max_bytes=max_bytes)
    app.add_middleware(BodyLimit, limit=max_bytes)
