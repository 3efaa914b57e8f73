"""The HTTP service: any engine behind JSON over HTTP."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI

from schemas.engine import Engine
from serving.engines.custom_rules import CustomRules
from serving.service.detection_service import DetectionService
from serving.service.middleware_stack import Stack, add_middleware
from serving.service.page import add_page
from serving.service.routes.detection import add_detection
from serving.service.routes.information import VERSION
from serving.service.routes.presidio import add_presidio
from serving.service.routes.redaction import add_redaction
from serving.service.routes.streaming import STREAMS, Streams, is_stream
from serving.service.settings import ServiceSettings

_SLACK_BYTES = 1 << 16


def create_app(
    engine: Engine,
    settings: ServiceSettings = ServiceSettings(),  # noqa: B008 - frozen
    custom_rules: CustomRules = CustomRules(),  # noqa: B008 - frozen
    others: Mapping[str, Engine] = {},
) -> FastAPI:
    """Build the service over `engine`, and over `others`, which requests may name.

    Each is called from four threads: for each of its two biases one for short and one for long requests.
    `custom_rules` hold for all requests.

    Raises DataError for a file of API keys that cannot be read, ModelError for a malformed token key.
    """
    service = DetectionService(engine, settings, custom_rules, others)

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
    routes = add_middleware(app, service, settings, Stack(_SLACK_BYTES, is_stream, STREAMS))
    streams = Streams(routes)
    add_detection(routes, service, streams)
    add_redaction(routes, service, settings.token_keys, streams)
    add_presidio(routes, service)
    app.include_router(routes, prefix="/v1")
    app.include_router(routes, include_in_schema=False)
    add_page(app)
    return app
