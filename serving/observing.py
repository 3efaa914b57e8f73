"""What the service tells of itself: one log line a request, and metrics; never a text, a value, a key or a raw path."""

import json
import logging
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.prediction import Prediction

_LOG = logging.getLogger("pii_sft.access")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
"""Of every response that does not set them itself."""


class Metrics:
    """Prometheus metrics of one service."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        """`waiting` gives the number of requests that wait for the detector."""
        self.registry = CollectorRegistry()
        own = self.registry
        self.requests = Counter("pii_sft_requests", "Requests answered", ("path", "status"), registry=own)
        self.seconds = Histogram("pii_sft_request_seconds", "Time to answer", ("path",), buckets=_SECONDS, registry=own)
        self.running = Gauge("pii_sft_requests_in_flight", "Requests being answered", registry=own)
        self.texts = Counter("pii_sft_texts", "Texts searched", registry=own)
        self.characters = Counter("pii_sft_characters", "Characters searched", registry=own)
        self.entities = Counter("pii_sft_entities", "Entities found", ("type",), registry=own)
        Gauge("pii_sft_requests_waiting", "Requests waiting for the detector", registry=own).set_function(waiting)

    def count(self, predictions: Sequence[Prediction]) -> None:
        """Count texts, characters and entities."""
        self.texts.inc(len(predictions))
        self.characters.inc(sum(len(prediction.text) for prediction in predictions))
        for prediction in predictions:
            for entity in prediction.entities:
                self.entities.labels(str(entity.type)).inc()


class Observer:
    """ASGI middleware that counts, times and logs requests, and sets the headers that every response has."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application and tell what it took."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, start = uuid.uuid4().hex, time.perf_counter()
        status = 0
        sizes = {"bytes_in": 0, "bytes_out": 0}

        async def received() -> Message:
            message = await receive()
            sizes["bytes_in"] += len(message.get("body", b""))
            return message

        async def sent(message: Message) -> None:
            nonlocal status
            sizes["bytes_out"] += len(message.get("body", b""))
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with self._metrics.running.track_inprogress():
            try:
                await self._app(scope, received, sent)
            finally:
                seconds = time.perf_counter() - start
                path = _path(scope)
                self._metrics.requests.labels(path, str(status)).inc()
                self._metrics.seconds.labels(path).observe(seconds)
                told = {"request": request, "method": _method(scope), "path": path, "status": status}
                _LOG.info("request", extra={"told": {**told, **sizes, "ms": round(seconds * 1e3, 1)}})


def _path(scope: Scope) -> str:
    """The path as the route has it; what a client typed could be anything."""
    route = scope.get("route")
    return str(getattr(route, "path", "unknown"))


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in ("GET", "HEAD", "POST", "OPTIONS") else "other"


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, event, and what the event tells; no traceback, which could quote a text."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of `record`."""
        told: dict[str, Any] = getattr(record, "told", {})
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {"time": f"{moment}.{int(record.msecs):03}Z", "level": record.levelname.lower()}
        return json.dumps({**line, "event": record.getMessage(), **told}, ensure_ascii=False)


def log_to_stderr(level: int = logging.INFO) -> None:
    """Write the service's log as JSON lines to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name, least in (("pii_sft.access", level), ("serving", level), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(least)


def add_metrics(app: APIRouter, metrics: Metrics) -> None:
    """Add `GET /metrics`, in Prometheus' text format."""

    @app.get("/metrics", include_in_schema=False)
    def show() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
