"""The HTTP service: any detector behind JSON over HTTP."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from schemas.prediction import Detector, Prediction
from schemas.taxonomy import EntityType, parse_types
from serving.access import Access, KeyFile, Rate
from serving.admission import RETRY_AFTER, Admission
from serving.batching import Batcher, Overloaded
from serving.calls import Detect
from serving.observing import Metrics, Observer, add_metrics
from serving.page import add_page
from serving.presidio import add_presidio
from serving.redaction.routes import add_redaction
from serving.refusals import add_refusals
from serving.settings import Settings
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
_VERSION = version("pii-sft")
_ERRORS: dict[int | str, dict[str, Any]] = {
    413: {"model": Problem, "description": "More text than the limit"},
    422: {"model": InvalidRequest, "description": "Not a valid request"},
    500: {"model": Problem, "description": "Internal error"},
    503: {"model": Problem, "description": "Too much at once; Retry-After says when to come back"},
}


def create_app(detector: Detector, settings: Settings = Settings()) -> FastAPI:  # noqa: B008 - frozen
    """Build the service over `detector`.

    Its calls come from one thread. A body of more bytes than the allowed characters can take is refused as soon as its
    length shows, before it is read whole. Raises DataError for a file of API keys that cannot be read, ModelError for a
    sealing key that is none.
    """
    batcher = Batcher(detector, settings.batch_characters, settings.in_flight, settings.deadline)
    metrics = Metrics(lambda: batcher.waiting)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        batcher.close()

    app = FastAPI(  # the page at /docs loads its scripts from a CDN; /openapi.json is local
        title="pii-sft",
        description="Finds personal data in Chinese and English text.",
        version=_VERSION,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    detect = _counted(batcher, settings.max_characters, metrics)
    add_refusals(app, _BYTES_PER_CHARACTER * settings.max_characters + _SLACK_BYTES)
    app.add_middleware(Admission, limit=settings.in_flight)
    if settings.api_keys is not None:
        app.add_middleware(Access, keys=KeyFile(settings.api_keys), rate=Rate(settings.rate))
    app.add_middleware(Observer, metrics=metrics)
    routes = APIRouter()
    _add_information(routes)
    _add_detection(routes, detect)
    add_redaction(routes, detect, settings.seal_keys, _ERRORS)
    add_presidio(routes, detect, _ERRORS)
    add_metrics(routes, metrics)
    app.include_router(routes, prefix="/v1")
    app.include_router(routes, include_in_schema=False)
    add_page(app)

    @app.exception_handler(Overloaded)
    async def refuse(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"detail": "too many requests at once"}, 503, RETRY_AFTER)

    return app


def _counted(batcher: Batcher, max_characters: int, metrics: Metrics) -> Detect:
    """Detection that answers 413 to more than `max_characters`, and is counted."""

    def detect(texts: Sequence[str], types: Sequence[EntityType] | None, min_score: float) -> list[Prediction]:
        if sum(map(len, texts)) > max_characters:
            raise HTTPException(413, f"more than {max_characters} characters")
        found = batcher.detect(texts, None if types is None else parse_types(types))
        kept = [prediction.at_least(min_score) for prediction in found]
        metrics.count(kept)
        return kept

    return detect


def _add_information(app: APIRouter) -> None:
    @app.get("/health", response_model=Health)
    @app.get("/ready", response_model=Health)
    async def health() -> dict[str, str]:
        """Whether the service is up. It listens only once the model is loaded, so it is ready whenever it answers."""
        return {"status": "ok", "version": _VERSION}

    @app.get("/types", response_model=TypesResponse)
    async def types() -> dict[str, Any]:
        """All entity types."""
        return {"types": taxonomy_rows()}


def _add_detection(app: APIRouter, run: Detect) -> None:
    @app.post("/detect", response_model=DetectResponse, responses=_ERRORS)
    def detect(request: DetectRequest) -> dict[str, Any]:
        """The entities of one text."""
        return run([request.text], request.types, request.min_score)[0].to_dict()

    @app.post("/detect/batch", response_model=BatchResponse, responses=_ERRORS)
    def detect_batch(request: BatchRequest) -> dict[str, Any]:
        """The entities of several texts."""
        found = run(request.texts, request.types, request.min_score)
        return {"results": [prediction.to_dict() for prediction in found]}
