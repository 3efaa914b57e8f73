"""`/health`, `/ready`, `/types` and `/metrics`: what the service says of itself."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from schemas.json_schema import taxonomy_rows
from serving.service.metrics import Metrics
from serving.service.models.information import Health, TypesResponse

VERSION = version("pii-sft")


def add_information(app: APIRouter, metrics: Metrics) -> None:
    """Add the routes to `app`; `/metrics` is in Prometheus' text format."""

    @app.get("/health", response_model=Health)
    @app.get("/ready", response_model=Health)
    async def health() -> dict[str, str]:
        """Whether the service is up. It listens only once the model is loaded, so it is ready whenever it answers."""
        return {"status": "ok", "version": VERSION}

    @app.get("/types", response_model=TypesResponse)
    async def types() -> dict[str, Any]:
        """All entity types."""
        return {"types": taxonomy_rows()}

    @app.get("/metrics", include_in_schema=False)
    def show_metrics() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)
