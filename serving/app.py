"""The HTTP service: any detector behind JSON over HTTP."""

from collections.abc import Sequence
from importlib.metadata import version
from threading import BoundedSemaphore
from typing import Any

from fastapi import FastAPI, HTTPException

from schemas.prediction import Detector, Prediction
from schemas.taxonomy import EntityType, parse_types
from serving.page import add_page
from serving.redaction.routes import Detect, add_redaction
from serving.refusals import add_refusals
from serving.taxonomy import taxonomy_rows
from serving.wire import (
    BatchRequest,
    BatchResponse,
    DetectRequest,
    DetectResponse,
    Health,
    InvalidRequest,
    Problem,
    TypesResponse,
)

_BYTES_PER_CHARACTER = 12
"""A character outside the basic plane as JSON escapes: two of `\\uXXXX`."""
_SLACK_BYTES = 1 << 16
_DETECTIONS = 2
"""Detections at a time: a text of a million characters takes about half a gigabyte while it is read."""
_ERRORS: dict[int | str, dict[str, Any]] = {
    413: {"model": Problem, "description": "More text than the limit"},
    422: {"model": InvalidRequest, "description": "Not a valid request"},
    500: {"model": Problem, "description": "Internal error"},
}


def create_app(detector: Detector, max_characters: int = 1_000_000, keys: Sequence[str] = ()) -> FastAPI:
    """Build the service over `detector`; a request may hold `max_characters` code points in all its texts.

    `keys` seal what `/redact` gives out for the way back (see `serving.redaction.Sealer`); without one there is none.

    Detection runs in worker threads, so `detector` must serve several threads at once. A body of more bytes than
    `max_characters` can take is refused as soon as its length shows, before it is read whole.
    """
    app = FastAPI(  # the page at /docs loads its scripts from a CDN; /openapi.json is local
        title="pii-sft",
        description="Finds personal data in Chinese and English text.",
        version=version("pii-sft"),
        redirect_slashes=False,
    )
    add_refusals(app, _BYTES_PER_CHARACTER * max_characters + _SLACK_BYTES)
    _add_information(app)
    detect = _limited(detector, max_characters)
    _add_detection(app, detect)
    add_redaction(app, detect, keys, _ERRORS)
    add_page(app)
    return app


def _add_information(app: FastAPI) -> None:
    @app.get("/health", response_model=Health)
    async def health() -> dict[str, str]:
        """Whether the service is up."""
        return {"status": "ok", "version": app.version}

    @app.get("/types", response_model=TypesResponse)
    async def types() -> dict[str, Any]:
        """All entity types."""
        return {"types": taxonomy_rows()}


def _limited(detector: Detector, max_characters: int) -> Detect:
    """Detection with few calls at a time, which answers 413 to more than `max_characters`."""
    turns = BoundedSemaphore(_DETECTIONS)

    def detect(texts: Sequence[str], types: Sequence[EntityType] | None, min_score: float) -> list[Prediction]:
        if sum(map(len, texts)) > max_characters:
            raise HTTPException(413, f"more than {max_characters} characters")
        with turns:
            found = detector.detect(texts, None if types is None else parse_types(types))
        return [prediction.at_least(min_score) for prediction in found]

    return detect


def _add_detection(app: FastAPI, run: Detect) -> None:
    @app.post("/detect", response_model=DetectResponse, responses=_ERRORS)
    def detect(request: DetectRequest) -> dict[str, Any]:
        """The entities of one text."""
        return run([request.text], request.types, request.min_score)[0].to_dict()

    @app.post("/detect/batch", response_model=BatchResponse, responses=_ERRORS)
    def detect_batch(request: BatchRequest) -> dict[str, Any]:
        """The entities of several texts."""
        found = run(request.texts, request.types, request.min_score)
        return {"results": [prediction.to_dict() for prediction in found]}
