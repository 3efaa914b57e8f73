"""How the service says no: error bodies and log lines that never carry any of the request."""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import InvalidTextError

_LOG = logging.getLogger(__name__)
_MAX_FAULTS = 20


class InternalErrors:
    """ASGI middleware that answers 500 to an unexpected exception and logs the name of its class.

    The exception goes no further: a server would log its message and traceback, which may quote the text.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; answer in its place when it fails before its response has begun."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            _LOG.error("internal error: %s", type(error).__name__)
            if not started:
                await JSONResponse({"detail": "internal error"}, 500)(scope, receive, send)


class BodyLimit:
    """ASGI middleware that answers 413 to a body of more than `limit` bytes without reading the rest of it."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, unless the body is declared too long; stop it when more arrives than it may read."""
        declared = Headers(scope=scope).get("content-length", "0") if scope["type"] == "http" else "0"
        if declared.isdecimal() and int(declared) > self._limit:
            await JSONResponse({"detail": self._message}, 413)(scope, receive, send)
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


def add_refusals(app: FastAPI, max_bytes: int) -> None:
    """Make `app` answer 413 to long bodies, 422 to requests that cannot be read, 500 to failures of its own."""
    app.add_middleware(BodyLimit, limit=max_bytes)
    app.add_middleware(InternalErrors)

    @app.exception_handler(RequestValidationError)
    async def refuse_fields(_: Request, error: RequestValidationError) -> JSONResponse:
        return _invalid(error.errors())

    @app.exception_handler(InvalidTextError)
    async def refuse_text(_: Request, error: InvalidTextError) -> JSONResponse:
        return _invalid([{"loc": ("body",), "msg": str(error), "type": "invalid_text"}])

    # FastAPI raises 400 for JSON that is not UTF-8 or nests too deep; nothing else here does
    @app.exception_handler(400)
    async def refuse_body(_: Request, __: Exception) -> JSONResponse:
        return _invalid([{"loc": ("body",), "msg": "JSON decode error", "type": "json_invalid"}])


def _invalid(faults: Sequence[dict[str, Any]]) -> JSONResponse:
    detail = [{"loc": _place(fault), "msg": fault["msg"], "type": fault["type"]} for fault in faults[:_MAX_FAULTS]]
    return JSONResponse({"detail": detail}, 422)


def _place(fault: dict[str, Any]) -> list[str | int]:
    """Where the fault is; the name of an unknown field is the client's own text and left out."""
    place = list(fault["loc"])
    return place[:-1] if fault["type"] == "extra_forbidden" else place
