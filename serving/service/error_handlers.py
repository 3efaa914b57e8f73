"""What the service answers when it refuses a request or fails; bodies and log lines carry nothing of the request."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import InvalidTextError, ModelError
from serving.engines.custom_rules import CustomRulesError
from serving.redaction.json_text import JsonError
from serving.redaction.operators import IrreversibleError, MissingKeyError, UnusedKeepError
from serving.redaction.tokens import TokenError
from serving.service.batching import Overloaded
from serving.service.models.errors import shown_location

_LOG = logging.getLogger(__name__)
_MAX_FAULTS = 20
_RETRY_AFTER = {"Retry-After": "1"}
TOO_MANY = "too many requests at once"
_NO_MODEL = "the model does not answer"
"""Reasons of a 503."""


Detail = str | list[dict[str, Any]]
"""A reason that carries nothing of the request."""
ErrorForm = Callable[[int, Detail], Mapping[str, Any]]
"""Makes the body of an answer from its status and reason."""


def service_form(_: int, detail: Detail) -> Mapping[str, Any]:
    """The body of the service's own errors."""
    return {"detail": detail}


class InternalErrors:
    """ASGI middleware that answers an exception which nothing within has answered, as `error_answer` has it.

    It logs the name of the class of an unexpected one. The exception goes no further: a server would log its message
    and traceback, which may quote the text.
    """

    def __init__(self, app: ASGIApp, form: ErrorForm) -> None:
        self._app = app
        self._form = form

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
            answer = error_answer(error)
            if not started:
                await answer.response(self._form)(scope, receive, send)


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """A status and a reason."""

    status: int
    detail: Detail

    def response(self, form: ErrorForm = service_form, headers: Mapping[str, str] | None = None) -> JSONResponse:
        """The response in `form`; a 503 says after which time to come back."""
        shown = _RETRY_AFTER if self.status == 503 else headers
        return JSONResponse(form(self.status, self.detail), self.status, shown)


def error_answer(error: Exception) -> ErrorAnswer:
    """What an error is answered with. An unexpected one is answered with 500, and its class is logged."""
    if isinstance(error, RequestValidationError):
        return _invalid(error.errors())
    if isinstance(error, ValidationError):
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        return _invalid([{**fault, "loc": ("body", *fault["loc"])} for fault in faults])
    if isinstance(error, InvalidTextError):
        return _invalid([{"loc": ("body",), "msg": str(error), "type": "invalid_text"}])
    if isinstance(error, CustomRulesError):
        return _invalid([{"loc": ("body", *error.field), "msg": str(error), "type": "custom_rules"}])
    if isinstance(error, UnusedKeepError):
        return _invalid([{"loc": ("body", "keep"), "msg": str(error), "type": "unused_keep"}])
    if isinstance(error, JsonError):
        return _invalid([{"loc": ("body", "json"), "msg": str(error), "type": "json_invalid"}])
    if isinstance(error, TokenError):
        return ErrorAnswer(403, str(error))
    if isinstance(error, IrreversibleError):
        return ErrorAnswer(409, str(error))
    if isinstance(error, MissingKeyError):
        return ErrorAnswer(409, f"{error}, which this service does not have")
    if isinstance(error, Overloaded):
        return ErrorAnswer(503, TOO_MANY)
    if isinstance(error, ModelError):  # such as a server that is away
        _LOG.error("%s: %s", _NO_MODEL, type(error).__name__)
        return ErrorAnswer(503, _NO_MODEL)
    if isinstance(error, HTTPException):
        # FastAPI raises 400 for JSON that is not UTF-8 or nests too deep; nothing else here does
        if error.status_code == 400:
            return _invalid([{"loc": ("body",), "msg": "JSON decode error", "type": "json_invalid"}])
        return ErrorAnswer(error.status_code, error.detail)
    _LOG.error("internal error: %s", type(error).__name__)
    return ErrorAnswer(500, "internal error")


def add_error_handlers(app: FastAPI, form: ErrorForm = service_form) -> None:
    """Make `app` answer as `error_answer` has it, in `form`."""
    app.add_middleware(InternalErrors, form=form)

    async def respond(_: Request, error: Exception) -> JSONResponse:
        return error_answer(error).response(form)

    for handled in _HANDLED:
        app.add_exception_handler(handled, respond)


_HANDLED: Sequence[type[Exception] | int] = (
    RequestValidationError,
    InvalidTextError,
    CustomRulesError,
    UnusedKeepError,
    JsonError,
    TokenError,
    IrreversibleError,
    MissingKeyError,
    Overloaded,
    ModelError,
    400,
    413,
    503,
)
"""Errors and statuses for which FastAPI has no handler, or another one."""


def _invalid(faults: Sequence[Mapping[str, Any]]) -> ErrorAnswer:
    rows = faults[:_MAX_FAULTS]
    return ErrorAnswer(422, [{"loc": shown_location(row), "msg": _message(row), "type": row["type"]} for row in rows])


def _message(fault: Mapping[str, Any]) -> str:
    if fault["type"] != "model_attributes_type":
        return str(fault["msg"])
    # also what FastAPI says of a body with another content type, which it does not read as JSON
    return "not an object" if len(fault["loc"]) > 1 else "not a JSON object with the content type application/json"
