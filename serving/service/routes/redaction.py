"""`/redact`, `/redact/batch` and `/restore`: nothing is kept here, the client holds the sealed book."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, HTTPException

from serving.redaction.operators import make_operator
from serving.redaction.redact import Redacted, redact, restore
from serving.redaction.replacement_map import ReplacementMap
from serving.redaction.tokens import TokenCipher, TokenError, hash_key
from serving.service.detection_service import Detect
from serving.service.models import Problem
from serving.service.offsets import OffsetUnit, in_units
from serving.service.redaction_models import (
    RedactBatchRequest,
    RedactBatchResponse,
    RedactOptions,
    RedactRequest,
    RedactResponse,
    RestoreRequest,
    RestoreResponse,
)

_REFUSED: dict[int | str, dict[str, Any]] = {
    403: {"model": Problem, "description": "A token of another key, changed, or too old"},
    409: {"model": Problem, "description": "A style without a way back, or a service without a key"},
}


def add_redaction(
    app: APIRouter, detect: Detect, keys: Sequence[str], responses: dict[int | str, dict[str, Any]]
) -> None:
    """Add the routes to `app`. Without `keys` (see `TokenCipher`) hashes and ways back are refused with 409."""
    responses = {**responses, **_REFUSED}
    sealer = TokenCipher(keys) if keys else None
    secret = hash_key(keys[0]) if keys else b""

    def run(request: RedactOptions, texts: Sequence[str]) -> tuple[list[Redacted], str | None]:
        if request.style == "hash" and not secret:
            raise HTTPException(409, "hashes need a key, which this service does not have")
        style = make_operator(request.style, keep=request.keep, key=secret)
        wants_back = request.reversible or request.token is not None
        if wants_back and not style.unique:
            raise HTTPException(409, f"{request.style} cannot be undone; use pseudonym, surrogate or hash")
        if wants_back and sealer is None:
            raise HTTPException(409, "a way back needs a key, which this service does not have")
        book = _open(sealer, request.token) if sealer and request.token is not None else ReplacementMap()
        found = detect(texts, request.search)
        kept = book if style.unique else None
        redacted = [redact(prediction.text, prediction.entities, style, kept) for prediction in found]
        return redacted, sealer.seal(book) if sealer and wants_back else None

    @app.post("/redact", response_model=RedactResponse, responses=responses)
    def redact_one(request: RedactRequest) -> dict[str, Any]:
        """One text with stand-ins for its personal values."""
        (made,), token = run(request, [request.text])
        return {**_shown(made, request.offset_unit), "token": token}

    @app.post("/redact/batch", response_model=RedactBatchResponse, responses=responses)
    def redact_batch(request: RedactBatchRequest) -> dict[str, Any]:
        """Several texts with stand-ins; equal values get equal ones in all of them."""
        made, token = run(request, request.texts)
        return {"results": [_shown(one, request.offset_unit) for one in made], "token": token}

    @app.post("/restore", response_model=RestoreResponse, responses=responses)
    def restore_one(request: RestoreRequest) -> dict[str, str]:
        """The text with the values back in the place of their stand-ins."""
        if sealer is None:
            raise HTTPException(409, "a way back needs a key, which this service does not have")
        return {"text": restore(request.text, _open(sealer, request.token))}


def _open(sealer: TokenCipher, token: str) -> ReplacementMap:
    try:
        return sealer.open(token)
    except TokenError as error:
        raise HTTPException(403, str(error)) from None


def _shown(made: Redacted, unit: OffsetUnit) -> dict[str, Any]:
    entities = [{"type": part.type, "start": part.start, "end": part.end} for part in made.stand_ins]
    return {"text": made.text, "entities": in_units(made.text, entities, unit)}
