"""One log line a request: sizes, times and status; never a text, a value, a key or a raw path."""

import json
import logging
import sys
import time
import uuid
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.service.metrics import Metrics

_LOG = logging.getLogger("pii_sft.access")
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
"""Headers of every response that does not set them itself."""


class AccessLog:
    """ASGI middleware that counts, times and logs requests, and sets the headers that every response has."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application and log what it took."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, start = uuid.uuid4().hex, time.perf_counter()
        status = 0
        sizes = {"bytes_in": 0, "bytes_out": 0}

        async def receive_counted() -> Message:
            message = await receive()
            sizes["bytes_in"] += len(message.get("body", b""))
            return message

        async def send_counted(message: Message) -> None:
            nonlocal status
            sizes["bytes_out"] += len(message.get("body", b""))
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with self._metrics.running.track_inprogress():
            try:
                await self._app(scope, receive_counted, send_counted)
            finally:
                seconds = time.perf_counter() - start
                path = _path(scope)
                self._metrics.requests.labels(path, str(status)).inc()
                self._metrics.seconds.labels(path).observe(seconds)
                fields = {"request": request_id, "method": _method(scope), "path": path, "status": status}
                _LOG.info("request", extra={"fields": {**fields, **sizes, "ms": round(seconds * 1e3, 1)}})


def _path(scope: Scope) -> str:
    """The path as the route has it; what a client typed could be anything."""
    route = scope.get("route")
    return str(getattr(route, "path", "unknown"))


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in ("GET", "HEAD", "POST", "OPTIONS") else "other"


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, event and its fields; no traceback, which could quote a text."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of `record`."""
        fields: dict[str, Any] = getattr(record, "fields", {})
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {"time": f"{moment}.{int(record.msecs):03}Z", "level": record.levelname.lower()}
        return json.dumps({**line, "event": record.getMessage(), **fields}, ensure_ascii=False)


def log_to_stderr() -> None:
    """Write the service's log as JSON lines to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    for name, least in (
        ("pii_sft.access", logging.INFO),
        ("serving", logging.INFO),
        ("uvicorn", logging.WARNING),
        ("asyncio", logging.WARNING),
    ):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(least)
