"""What the gateway and the guardrail have in common: engines, limits, keys, health and metrics."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI, Request
from starlette.types import Scope

from schemas.engine import Engine
from serving.engines.custom_rules import CustomRules
from serving.service.detection_service import DetectionService
from serving.service.error_handlers import ErrorForm, add_error_handlers, service_form
from serving.service.middleware.access_log import AccessLog
from serving.service.middleware.auth import KEYS_UNREADABLE, ApiKeyAuth, KeyFile, RateLimit
from serving.service.middleware.body_limit import BodyLimit
from serving.service.middleware.load_shedding import LoadShedding
from serving.service.routes.information import add_information
from serving.service.settings import ServiceSettings

_BYTES_PER_CHARACTER = 12
_SLACK_BYTES = 1 << 22
"""Of a body, beside its characters: names, structure, pictures."""
_SPARE_THREADS = 8


@dataclass(frozen=True, slots=True)
class Engines:
    """What finds values, and what looks once more at a body before it leaves."""

    detector: Engine
    tripwire: Engine
    custom_rules: CustomRules = CustomRules()  # noqa: RUF009 - frozen


def new_application(
    service: DetectionService,
    settings: ServiceSettings,
    close: Callable[[], Awaitable[None]] | None = None,
    form: ErrorForm = service_form,
) -> FastAPI:
    """An application with limits, API keys, health and metrics; `close` is called when it ends.

    Its errors have `form`.

    Raises DataError for a file of API keys that cannot be read.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if close is not None:
            await close()
        service.close()

    app = FastAPI(title="pii-sft gateway", openapi_url=None, redirect_slashes=False, lifespan=lifespan)
    keys = None if settings.api_keys is None else KeyFile(settings.api_keys)
    add_error_handlers(app, form)
    app.add_middleware(LoadShedding, limit=settings.in_flight, other_threads=_SPARE_THREADS, exempt=_has_no_body)
    limit = _BYTES_PER_CHARACTER * settings.max_characters + _SLACK_BYTES
    app.add_middleware(BodyLimit, limit=limit, exempt=_has_no_body, form=form)
    if keys is not None:
        app.add_middleware(ApiKeyAuth, keys=keys, rate=RateLimit(settings.rate), form=form)
    app.add_middleware(AccessLog, metrics=service.metrics)
    information = APIRouter()
    add_information(information, service.metrics, lambda: KEYS_UNREADABLE if keys and not keys.readable else None)
    app.include_router(information)
    return app


def tenant_of(request: Request) -> str:
    """The name of the request's API key; of requests without one, nothing."""
    return str(getattr(request.state, "key_name", ""))


def _has_no_body(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "GET")
