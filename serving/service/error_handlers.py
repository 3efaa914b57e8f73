"""How the service says no: error bodies and log lines that never carry any of the request."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import InvalidTextError
from serving.engines.custom_rules import CustomRulesError
from serving.service.batching import Overloaded

_LOG = logging.getLogger(__name__)
_MAX_FAULTS = 20
_RETRY_AFTER = {"Retry-After": "1"}
TOO_MANY = "too many requests at once"
"""Reason of a 503."""


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
            refused = error_answer(error)
            if not started:
                await refused.response()(scope, receive, send)


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """A status, and a reason that carries nothing of the request."""

    status: int
    detail: str | list[dict[str, Any]]

    def response(self) -> JSONResponse:
        """The response that says so; a 503 with the time after which to come back."""
        return JSONResponse({"detail": self.detail}, self.status, _RETRY_AFTER if self.status == 503 else None)


def error_answer(error: Exception) -> ErrorAnswer:
    """What an error of a request is answered with; of one that is not expected the class is logged."""
    if isinstance(error, RequestValidationError):
        return _invalid(error.errors())
    if isinstance(error, ValidationError):
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        return _invalid([{**fault, "loc": ("body", *fault["loc"])} for fault in faults])
    if isinstance(error, InvalidTextError):
        return _invalid([{"loc": ("body",), "msg": str(error), "type": "invalid_text"}])
    if isinstance(error, CustomRulesError):
        return _invalid([{"loc": ("body", *error.field), "msg": str(error), "type": "own_rules"}])
    if isinstance(error, Overloaded):
        return ErrorAnswer(503, TOO_MANY)
    if isinstance(error, HTTPException):
        # FastAPI raises 400 for JSON that is not UTF-8 or nests too deep; nothing else here does
        if error.status_code == 400:
            return _invalid([{"loc": ("body",), "msg": "JSON decode error", "type": "json_invalid"}])
        return ErrorAnswer(error.status_code, error.detail)
    _LOG.error("internal error: %s", type(error).__name__)
    return ErrorAnswer(500, "internal error")


def add_error_handlers(app: FastAPI) -> None:
    """Make `app` answer 422 to requests that cannot be read, 503 to too many, 500 to failures of its own."""
    app.add_middleware(InternalErrors)

    async def refuse(_: Request, error: Exception) -> JSONResponse:
        return error_answer(error).response()

    for kind in (RequestValidationError, InvalidTextError, CustomRulesError, Overloaded, 400, 503):
        app.add_exception_handler(kind, refuse)


def _invalid(faults: Sequence[Mapping[str, Any]]) -> ErrorAnswer:
    told = [{"loc": _place(fault), "msg": fault["msg"], "type": fault["type"]} for fault in faults[:_MAX_FAULTS]]
    return ErrorAnswer(422, told)


def _place(fault: Mapping[str, Any]) -> list[str | int]:
    """Where the fault is; the name of an unknown field is the client's own text and left out."""
    place = list(fault["loc"])
    return place[:-1] if fault["type"] == "extra_forbidden" else place
