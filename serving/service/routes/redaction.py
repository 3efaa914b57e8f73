"""`/redact`, `/redact/batch` and `/restore`: the service keeps nothing, the client holds the token."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, Response
from fastapi.exceptions import RequestValidationError

from schemas.spans.prediction import Prediction
from schemas.taxonomy import ALL_TYPES
from serving.redaction import (
    Redacted,
    RedactionSession,
    TokenCipher,
    hash_key,
    read_token,
    redact_json,
    restore,
    restore_json,
)
from serving.service.detection_service import DetectionService
from serving.service.models.errors import ERROR_RESPONSES, Problem, Responses
from serving.service.models.redaction import (
    RedactBatchRequest,
    RedactBatchResponse,
    RedactionFields,
    RedactJsonRequest,
    RedactJsonResponse,
    RedactRequest,
    RedactResponse,
    RestoreJsonRequest,
    RestoreJsonResponse,
    RestoreRequest,
    RestoreResponse,
)
from serving.service.offsets import OffsetUnit, in_units
from serving.service.routes.streaming import STREAM_REQUEST, STREAM_RESPONSE, Streams

_RESPONSES: Responses = {
    **ERROR_RESPONSES,
    403: {"model": Problem, "description": "A token of another key, or one that was changed"},
    409: {"model": Problem, "description": "A style without a way back, or a service without a key"},
}


class _Sessions:
    """Sessions of redaction as requests ask for them, with the keys of the service."""

    def __init__(self, service: DetectionService, keys: Sequence[str]) -> None:
        self.cipher = TokenCipher(keys) if keys else None
        self._secret = hash_key(keys[0]) if keys else b""
        self._service = service

    def open(self, request: RedactionFields) -> RedactionSession:
        """A session that goes on from the request's token, if it has one."""
        _check_types(request, self._service)
        reversible = _has_way_back(request)
        session = RedactionSession(
            request.style,
            keep=request.keep,
            hash_key=self._secret,
            cipher=self.cipher,
            reversible=reversible,
            one_way=not reversible,
        )
        if request.token is not None:
            session.resume(request.token)
        return session

    def find(self, request: RedactionFields, texts: Sequence[str], names: Sequence[str] = ()) -> list[Prediction]:
        """What is found in `texts`, or values of fields of these `names`, as the request asks for it."""
        return self._service.detect(texts, request.options, request.detector, names)

    def answer_each(self, request: RedactRequest, texts: Sequence[str]) -> list[dict[str, Any]]:
        """The answers to texts, each in a session of its own."""
        sessions = [self.open(request) for _ in texts]
        return [
            {
                **_response(session.redact(prediction.text, prediction.entities), request.offset_unit),
                "token": _token(request, session),
            }
            for session, prediction in zip(sessions, self.find(request, texts), strict=True)
        ]


def _has_way_back(request: RedactionFields) -> bool:
    return request.reversible or request.token is not None


def _token(request: RedactionFields, session: RedactionSession) -> str | None:
    return session.token() if _has_way_back(request) else None


def add_redaction(app: APIRouter, service: DetectionService, keys: Sequence[str], streams: Streams) -> None:
    """Add the routes to `app`, and that of lines to `streams`.

    Without `keys` (see `TokenCipher`) hashes and ways back are refused with 409.
    """
    sessions = _Sessions(service, keys)

    @app.post("/redact", response_model=RedactResponse, responses={**_RESPONSES})
    def redact_one(request: RedactRequest) -> dict[str, Any]:
        """One text with stand-ins for its personal values."""
        return sessions.answer_each(request, [request.text])[0]

    streams.add("/redact/batch", RedactRequest, sessions.answer_each)

    @app.post(
        "/redact/batch",
        response_model=RedactBatchResponse,
        responses={**STREAM_RESPONSE, **_RESPONSES},
        openapi_extra=STREAM_REQUEST,
    )
    def redact_batch(request: RedactBatchRequest) -> dict[str, Any]:
        """Several texts with stand-ins; equal values get equal ones in all of them.

        With the content type `application/x-ndjson` each line is a request as `/redact` takes it, with stand-ins of its
        own, and is answered by a line, as in `/detect/batch`.
        """
        session = sessions.open(request)
        results = session.redact_all(sessions.find(request, request.texts))
        answers = [_response(redacted, request.offset_unit) for redacted in results]
        return {"results": answers, "token": _token(request, session)}

    @app.post("/redact/json", response_model=RedactJsonResponse, responses={**_RESPONSES})
    def redact_value(request: RedactJsonRequest) -> Response:
        """A value of JSON with stand-ins in its strings and numbers; names of fields and structure stay.

        JSON within a string is read as such. A personal number becomes a string, or with the style surrogate another
        number.
        """
        session = sessions.open(request)
        redacted = redact_json(request.json_text, partial(sessions.find, request), session)
        return _json_answer(redacted, token=_token(request, session))

    _add_restoring(app, sessions)


def _add_restoring(app: APIRouter, sessions: _Sessions) -> None:
    @app.post("/restore/json", response_model=RestoreJsonResponse, responses={**_RESPONSES})
    def restore_value(request: RestoreJsonRequest) -> Response:
        """The value of JSON with the personal values back, and a count of stand-ins without a value."""
        restored, unrestored = restore_json(request.json_text, read_token(sessions.cipher, request.token))
        return _json_answer(restored, unrestored=unrestored)

    @app.post("/restore", response_model=RestoreResponse, responses={**_RESPONSES})
    def restore_one(request: RestoreRequest) -> dict[str, Any]:
        """The text with the values back in the place of their stand-ins, and a count of those without a value."""
        restored = restore(request.text, read_token(sessions.cipher, request.token))
        return {"text": restored.text, "unrestored": restored.unrestored}


def _json_answer(text: str, **others: object) -> Response:
    """The answer with a text of JSON as it is, however deep it nests."""
    return Response(f'{{"json":{text},{json.dumps(others)[1:]}', media_type="application/json")


def _check_types(request: RedactionFields, service: DetectionService) -> None:
    """Refuse a style for a type of one's own that no custom rule marks: its name would be mistyped."""
    if not set(request.style.own) <= {*ALL_TYPES, *request.rule_types, *service.custom_rules.types}:
        message = "a style is for a type that neither the taxonomy nor a custom rule has"
        raise RequestValidationError([{"loc": ("body", "style"), "msg": message, "type": "unknown_type"}])


def _response(redacted: Redacted, unit: OffsetUnit) -> dict[str, Any]:
    entities = [
        {"type": stand_in.type, "start": stand_in.start, "end": stand_in.end} for stand_in in redacted.stand_ins
    ]
    return {"text": redacted.text, "entities": in_units(redacted.text, entities, unit)}
