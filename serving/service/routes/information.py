"""`/health`, `/ready`, `/types` and `/metrics`: what the service says of itself."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, HTTPException
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from schemas.json_schema import taxonomy_rows
from serving.service.metrics import Metrics
from serving.service.models.errors import Problem
from serving.service.models.information import Health, TypesResponse

VERSION = version("pii-sft")


def add_information(app: APIRouter, metrics: Metrics, hindrance: Callable[[], str | None]) -> None:
    """Add the routes to `app`; `/metrics` is in Prometheus' text format.

    `hindrance` says why the service answers no requests, or None where it does.
    """

    @app.get("/health", response_model=Health)
    async def health() -> dict[str, str]:
        """Whether the service is up."""
        return {"status": "ok", "version": VERSION}

    @app.get("/ready", response_model=Health, responses={503: {"model": Problem, "description": "API keys unreadable"}})
    async def ready() -> dict[str, str]:
        """Whether it takes requests: once the model is loaded, and while the file of API keys can be read."""
        if reason := hindrance():
            raise HTTPException(503, reason)
        return {"status": "ok", "version": VERSION}

    @app.get("/types", response_model=TypesResponse)
    async def types() -> dict[str, Any]:
        """All entity types."""
        return {"types": taxonomy_rows()}

    @app.get("/metrics", include_in_schema=False)
    def show_metrics() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)
