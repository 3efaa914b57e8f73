"""The HTTP service: any engine behind JSON over HTTP."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from schemas.engine import Engine
from serving.engines.custom_rules import CustomRules
from serving.service.detection_service import DetectionService
from serving.service.error_handlers import add_error_handlers
from serving.service.middleware.access_log import AccessLog
from serving.service.middleware.auth import KEYS_UNREADABLE, ApiKeyAuth, KeyFile, RateLimit
from serving.service.middleware.body_limit import BodyLimit
from serving.service.middleware.load_shedding import LoadShedding
from serving.service.page import add_page
from serving.service.routes.detection import add_detection
from serving.service.routes.information import VERSION, add_information
from serving.service.routes.presidio import add_presidio
from serving.service.routes.redaction import add_redaction
from serving.service.routes.streaming import STREAMS, Streams, is_stream
from serving.service.settings import ServiceSettings

_BYTES_PER_CHARACTER = 12
"""A character outside the basic plane as JSON escapes: two of `\\uXXXX`."""
_SLACK_BYTES = 1 << 16
_SPARE_THREADS = 8


def create_app(
    engine: Engine,
    settings: ServiceSettings = ServiceSettings(),  # noqa: B008 - frozen
    custom_rules: CustomRules = CustomRules(),  # noqa: B008 - frozen
    others: Mapping[str, Engine] = {},
) -> FastAPI:
    """Build the service over `engine`, and over `others`, which requests may name.

    Each is called from two threads, one for each bias of the operating points. `custom_rules` hold for all requests.

    Raises DataError for a file of API keys that cannot be read, ModelError for a malformed token key.
    """
    service = DetectionService(engine, settings, custom_rules, others)
    keys = None if settings.api_keys is None else KeyFile(settings.api_keys)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(  # the page at /docs loads its scripts from a CDN; /openapi.json is local
        title="pii-sft",
        description="Finds personal data in Chinese and English text.",
        version=VERSION,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    _add_middleware(app, settings, service, keys)
    routes = APIRouter()
    add_information(routes, service.metrics, lambda: KEYS_UNREADABLE if keys and not keys.readable else None)
    streams = Streams(routes)
    add_detection(routes, service, streams)
    add_redaction(routes, service, settings.token_keys, streams)
    add_presidio(routes, service)
    app.include_router(routes, prefix="/v1")
    app.include_router(routes, include_in_schema=False)
    add_page(app)
    return app


def _add_middleware(app: FastAPI, settings: ServiceSettings, service: DetectionService, keys: KeyFile | None) -> None:
    """From the innermost to the outermost; streams take turns and have bodies of any length."""
    add_error_handlers(app)
    other_threads = STREAMS + _SPARE_THREADS
    app.add_middleware(LoadShedding, limit=settings.in_flight, other_threads=other_threads, exempt=is_stream)
    body_bytes = _BYTES_PER_CHARACTER * settings.max_characters + _SLACK_BYTES
    app.add_middleware(BodyLimit, limit=body_bytes, exempt=is_stream)
    if keys is not None:
        app.add_middleware(ApiKeyAuth, keys=keys, rate=RateLimit(settings.rate))
    if origins := settings.allowed_origins:
        headers = ["authorization", "content-type", "x-api-key"]
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=headers)
    app.add_middleware(AccessLog, metrics=service.metrics)
