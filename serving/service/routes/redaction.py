"""`/redact`, `/redact/batch` and `/restore`: the service keeps nothing, the client holds the token."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from serving.redaction import Redacted, RedactionSession, TokenCipher, hash_key, read_token, restore
from serving.service.detection_service import DetectionService
from serving.service.models.errors import ERROR_RESPONSES, Problem, Responses
from serving.service.models.redaction import (
    RedactBatchRequest,
    RedactBatchResponse,
    RedactionFields,
    RedactRequest,
    RedactResponse,
    RestoreRequest,
    RestoreResponse,
)
from serving.service.offsets import OffsetUnit, in_units

_RESPONSES: Responses = {
    **ERROR_RESPONSES,
    403: {"model": Problem, "description": "A token of another key, changed, or too old"},
    409: {"model": Problem, "description": "A style without a way back, or a service without a key"},
}


def add_redaction(app: APIRouter, service: DetectionService, keys: Sequence[str]) -> None:
    """Add the routes to `app`. Without `keys` (see `TokenCipher`) hashes and ways back are refused with 409."""
    cipher = TokenCipher(keys) if keys else None
    secret = hash_key(keys[0]) if keys else b""

    def run(request: RedactionFields, texts: Sequence[str]) -> tuple[list[Redacted], str | None]:
        reversible = request.reversible or request.token is not None
        session = RedactionSession(
            request.style,
            keep=request.keep,
            hash_key=secret,
            cipher=cipher,
            reversible=reversible,
            one_way=not reversible,
        )
        if request.token is not None:
            session.resume(request.token)
        redacted = session.redact_all(service.detect(texts, request.options))
        return redacted, session.token() if reversible else None

    @app.post("/redact", response_model=RedactResponse, responses={**_RESPONSES})
    def redact_one(request: RedactRequest) -> dict[str, Any]:
        """One text with stand-ins for its personal values."""
        (redacted,), token = run(request, [request.text])
        return {**_response(redacted, request.offset_unit), "token": token}

    @app.post("/redact/batch", response_model=RedactBatchResponse, responses={**_RESPONSES})
    def redact_batch(request: RedactBatchRequest) -> dict[str, Any]:
        """Several texts with stand-ins; equal values get equal ones in all of them."""
        results, token = run(request, request.texts)
        return {"results": [_response(redacted, request.offset_unit) for redacted in results], "token": token}

    @app.post("/restore", response_model=RestoreResponse, responses={**_RESPONSES})
    def restore_one(request: RestoreRequest) -> dict[str, Any]:
        """The text with the values back in the place of their stand-ins, and a count of those without a value."""
        restored = restore(request.text, read_token(cipher, request.token))
        return {"text": restored.text, "unrestored": restored.unrestored}


def _response(redacted: Redacted, unit: OffsetUnit) -> dict[str, Any]:
    entities = [
        {"type": stand_in.type, "start": stand_in.start, "end": stand_in.end} for stand_in in redacted.stand_ins
    ]
    return {"text": redacted.text, "entities": in_units(redacted.text, entities, unit)}
