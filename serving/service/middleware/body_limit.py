"""Keeps the bodies of requests within bounds: each of them, and all that are in memory together."""

from collections.abc import Callable

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.service.error_handlers import TOO_MANY, ErrorAnswer, ErrorForm, service_form

_BODIES = 16
"""Bodies of the greatest length that may be in memory at once."""


class BodyLimit:
    """ASGI middleware that counts the bytes of bodies; requests for which `exempt` holds have no limit.

    It answers 413 to a body of more than `limit` bytes, without reading the rest of it. It answers 503 while the
    bodies of all requests that are not answered yet take more than 16 times that. Its answers have `form`.
    """

    def __init__(
        self, app: ASGIApp, limit: int, exempt: Callable[[Scope], bool], form: ErrorForm = service_form
    ) -> None:
        self._app = app
        self._limit, self._exempt, self._form = limit, exempt, form
        self._message = f"body of more than {limit} bytes"
        self._total = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, unless the body is declared too long; stop it when more arrives than it may read."""
        if scope["type"] != "http" or self._exempt(scope):
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > self._limit:
            await ErrorAnswer(413, self._message).response(self._form)(scope, receive, send)
            return
        await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        size = 0

        async def receive_within_limits() -> Message:
            nonlocal size
            message = await receive()
            length = len(message.get("body", b""))
            size += length
            self._total += length
            if size > self._limit:
                raise HTTPException(413, self._message)
            if self._total > _BODIES * self._limit:
                raise HTTPException(503, TOO_MANY)
            return message

        try:
            await self._app(scope, receive_within_limits, send)
        finally:
            self._total -= size
