"""Keeps the service from taking in more than it can answer."""

import anyio.to_thread
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_ALWAYS = frozenset({"/health", "/ready", "/metrics", "/v1/health", "/v1/ready", "/v1/metrics"})
"""Paths that answer while everything else is refused: they tell why."""
RETRY_AFTER = {"Retry-After": "1"}
_SPARE_THREADS = 8


class Admission:
    """ASGI middleware that works on at most `limit` requests and answers 503 with Retry-After to more of them.

    Every request that is let in has a thread, so none waits where no deadline looks.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit, self._running = limit, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, or refuse."""
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self._app(scope, receive, send)
            return
        if self._running >= self._limit:
            await JSONResponse({"detail": "too many requests at once"}, 503, RETRY_AFTER)(scope, receive, send)
            return
        threads = anyio.to_thread.current_default_thread_limiter()
        threads.total_tokens = max(threads.total_tokens, self._limit + _SPARE_THREADS)
        self._running += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1
