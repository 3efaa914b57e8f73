"""What the gateway and the guardrail have in common: engines, limits, keys, health and metrics."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI, Request
from starlette.types import Scope

from schemas.engine import Engine
from serving.engines.custom_rules import CustomRules
from serving.service.detection_service import DetectionService
from serving.service.error_handlers import ErrorForm, service_form
from serving.service.middleware_stack import Stack, add_middleware
from serving.service.settings import ServiceSettings

_SLACK_BYTES = 1 << 22
"""Of a body, beside its characters: names, structure, pictures."""


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
    app.include_router(add_middleware(app, service, settings, Stack(_SLACK_BYTES, _has_no_body, form=form)))
    return app


def tenant_of(request: Request) -> str:
    """The name of the request's API key; of requests without one, nothing."""
    return str(getattr(request.state, "key_name", ""))


def _has_no_body(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "GET")
