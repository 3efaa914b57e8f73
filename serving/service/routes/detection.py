"""`/detect` and `/detect/batch`."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from serving.service.detection_service import Detect
from serving.service.models import BatchRequest, BatchResponse, DetectOptions, DetectRequest, DetectResponse
from serving.service.offsets import in_units
from serving.service.routes.streaming import NDJSON, stream_routes

_LINES = {"schema": {}, "example": '{"text": "13800138000"}\n{"text": "a@example.com"}\n'}
_STREAM = {"requestBody": {"content": {NDJSON: _LINES}}}
_STREAMED: dict[int | str, Any] = {200: {"content": {NDJSON: {"schema": {"type": "string"}}}}}


def add_detection(app: APIRouter, detect: Detect, responses: dict[int | str, dict[str, Any]]) -> None:
    """Add the routes to `app`."""

    def answer(request: DetectOptions, texts: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {"entities": in_units(found.text, found.to_dict()["entities"], request.offset_unit)}
            for found in detect(texts, request.search)
        ]

    @app.post("/detect", response_model=DetectResponse, responses=responses)
    def detect_one(request: DetectRequest) -> dict[str, Any]:
        """The entities of one text."""
        return answer(request, [request.text])[0]

    app.include_router(stream_routes(answer))  # before the route of the same path, which takes all else

    @app.post(
        "/detect/batch", response_model=BatchResponse, responses={**_STREAMED, **responses}, openapi_extra=_STREAM
    )
    def detect_batch(request: BatchRequest) -> dict[str, Any]:
        """The entities of several texts.

        With the content type `application/x-ndjson` there is no limit to their number: each line is a request as
        `/detect` takes it, and is answered by a line while others still come in. A line that is refused is answered by
        an object of `line`, `status` and `detail`.
        """
        return {"results": answer(request, request.texts)}
