"""`/detect` and `/detect/batch`."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter

from serving.calls import Detect
from serving.offsets import in_units
from serving.streaming import stream_routes
from serving.wire import BatchRequest, BatchResponse, DetectOptions, DetectRequest, DetectResponse


def add_detection(app: APIRouter, detect: Detect, max_bytes: int, responses: Mapping[int | str, Any]) -> None:
    """Add the routes to `app`; a line of newline-delimited JSON has at most `max_bytes` bytes."""

    def answer(request: DetectOptions, texts: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {"entities": in_units(found.text, found.to_dict()["entities"], request.offset_unit)}
            for found in detect(texts, request.search)
        ]

    @app.post("/detect", response_model=DetectResponse, responses={**responses})
    def detect_one(request: DetectRequest) -> dict[str, Any]:
        """The entities of one text."""
        return answer(request, [request.text])[0]

    app.include_router(stream_routes(answer, max_bytes))  # before the route of the same path, which takes all else

    @app.post("/detect/batch", response_model=BatchResponse, responses={**responses})
    def detect_batch(request: BatchRequest) -> dict[str, Any]:
        """The entities of several texts; with the content type `application/x-ndjson` of any number, line by line."""
        return {"results": answer(request, request.texts)}
