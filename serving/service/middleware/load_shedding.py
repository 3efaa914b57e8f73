"""Keeps the service from taking in more requests than it can answer."""

from collections.abc import Callable

import anyio.to_thread
from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.service.error_handlers import TOO_MANY


class LoadShedding:
    """ASGI middleware that works on at most `limit` requests and answers 503 with Retry-After to more of them.

    A request counts from the moment when its body is there: slow clients take no place. Every request that is let in
    has a thread, so none waits where no deadline applies; `other_threads` are for all else. Requests for which `exempt`
    holds do not count.
    """

    def __init__(self, app: ASGIApp, limit: int, other_threads: int, exempt: Callable[[Scope], bool]) -> None:
        self._app = app
        self._limit, self._threads, self._exempt = limit, limit + other_threads, exempt
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, or refuse."""
        threads = anyio.to_thread.current_default_thread_limiter()
        threads.total_tokens = max(threads.total_tokens, self._threads)
        await (self._app if self._exempt(scope) else self._counted)(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        entered = False

        async def receive_or_refuse() -> Message:
            nonlocal entered
            message = await receive()
            if not entered and message["type"] == "http.request" and not message.get("more_body"):
                if self._running >= self._limit:
                    raise HTTPException(503, TOO_MANY)
                entered = True
                self._running += 1
            return message

        try:
            await self._app(scope, receive_or_refuse, send)
        finally:
            self._running -= entered
