"""The middleware of the service and of the gateway, in the one order that is safe: nothing is read before its key."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.types import Scope

from serving.service.detection_service import DetectionService
from serving.service.error_handlers import ErrorForm, add_error_handlers, service_form
from serving.service.middleware.access_log import AccessLog
from serving.service.middleware.auth import KEYS_UNREADABLE, ApiKeyAuth, KeyFile, RateLimit
from serving.service.middleware.body_limit import BodyLimit
from serving.service.middleware.load_shedding import LoadShedding
from serving.service.routes.information import add_information
from serving.service.settings import ServiceSettings

_BYTES_PER_CHARACTER = 12
"""A character outside the basic plane as JSON escapes: two of `\\uXXXX`."""
_SPARE_THREADS = 8


@dataclass(frozen=True, slots=True)
class Stack:
    """How an application differs from others.

    A body may have `slack_bytes` beside its characters. Requests that are `exempt` take no turns and have bodies of any
    length; `streams` of them run at once. Errors have `form`.
    """

    slack_bytes: int
    exempt: Callable[[Scope], bool]
    streams: int = 0
    form: ErrorForm = service_form


def add_middleware(app: FastAPI, service: DetectionService, settings: ServiceSettings, stack: Stack) -> APIRouter:
    """Add error handlers and middleware, from the innermost to the outermost; returns the routes of health and metrics.

    Raises DataError for a file of API keys that cannot be read.
    """
    keys = None if settings.api_keys is None else KeyFile(settings.api_keys)
    add_error_handlers(app, stack.form)
    other_threads = stack.streams + _SPARE_THREADS
    app.add_middleware(LoadShedding, limit=settings.in_flight, other_threads=other_threads, exempt=stack.exempt)
    body_bytes = _BYTES_PER_CHARACTER * settings.max_characters + stack.slack_bytes
    app.add_middleware(BodyLimit, limit=body_bytes, exempt=stack.exempt, form=stack.form)
    if keys is not None:
        app.add_middleware(ApiKeyAuth, keys=keys, rate=RateLimit(settings.rate), form=stack.form)
    if origins := settings.allowed_origins:
        headers = ["authorization", "content-type", "x-api-key"]
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=headers)
    app.add_middleware(AccessLog, metrics=service.metrics)
    routes = APIRouter()
    add_information(routes, service.metrics, lambda: KEYS_UNREADABLE if keys and not keys.readable else None)
    return routes
