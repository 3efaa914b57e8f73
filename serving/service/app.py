"""The HTTP service: any detector behind JSON over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from schemas.engine import Engine
from serving.service.detection_service import DetectionService
from serving.service.error_handlers import add_error_handlers
from serving.service.metrics import add_metrics
from serving.service.middleware.access_log import AccessLog
from serving.service.middleware.auth import ApiKeyAuth, KeyFile, Rate
from serving.service.middleware.load_shedding import add_load_shedding
from serving.service.models import Health, InvalidRequest, Problem, TypesResponse
from serving.service.page import add_page
from serving.service.routes.detection import add_detection
from serving.service.routes.presidio import add_presidio
from serving.service.routes.redaction import add_redaction
from serving.service.settings import Settings
from serving.service.taxonomy import taxonomy_rows

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


def create_app(detector: Engine, settings: Settings = Settings()) -> FastAPI:  # noqa: B008 - frozen
    """Build the service over `detector`.

    It is called from two threads, one for each way to weigh recall. A body of more bytes than the allowed characters
    can take is refused as soon as its length shows, before it is read whole. Raises DataError for a file of API keys
    that cannot be read, ModelError for a sealing key that is none.
    """
    detection_service = DetectionService(detector, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        detection_service.close()

    app = FastAPI(  # the page at /docs loads its scripts from a CDN; /openapi.json is local
        title="pii-sft",
        description="Finds personal data in Chinese and English text.",
        version=_VERSION,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    max_bytes = _BYTES_PER_CHARACTER * settings.max_characters + _SLACK_BYTES
    add_error_handlers(app)
    add_load_shedding(app, settings.in_flight, max_bytes)
    if settings.api_keys is not None:
        app.add_middleware(ApiKeyAuth, keys=KeyFile(settings.api_keys), rate=Rate(settings.rate))
    if origins := settings.allowed_origins:
        headers = ["authorization", "content-type", "x-api-key"]
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=headers)
    app.add_middleware(AccessLog, metrics=detection_service.metrics)
    routes = APIRouter()
    _add_information(routes)
    add_detection(routes, detection_service, _ERRORS)
    add_redaction(routes, detection_service, settings.seal_keys, _ERRORS)
    add_presidio(routes, detection_service, _ERRORS)
    add_metrics(routes, detection_service.metrics)
    app.include_router(routes, prefix="/v1")
    app.include_router(routes, include_in_schema=False)
    add_page(app)
    return app


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
