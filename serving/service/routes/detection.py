"""`/detect` and `/detect/batch`."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from serving.service.detection_service import DetectionService
from serving.service.models.detection import (
    BatchRequest,
    BatchResponse,
    DetectionFields,
    DetectRequest,
    DetectResponse,
)
from serving.service.models.errors import ERROR_RESPONSES, Responses
from serving.service.offsets import in_units
from serving.service.routes.streaming import STREAM_REQUEST, STREAM_RESPONSE, Streams

_BATCH_RESPONSES: Responses = {**STREAM_RESPONSE, **ERROR_RESPONSES}


def add_detection(app: APIRouter, service: DetectionService, streams: Streams) -> None:
    """Add the routes to `app`, and that of lines to `streams`."""

    def answer(request: DetectionFields, texts: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {"entities": in_units(prediction.text, prediction.to_dict()["entities"], request.offset_unit)}
            for prediction in service.detect(texts, request.options, request.detector)
        ]

    @app.post("/detect", response_model=DetectResponse, responses={**ERROR_RESPONSES})
    def detect_one(request: DetectRequest) -> dict[str, Any]:
        """The entities of one text."""
        return answer(request, [request.text])[0]

    streams.add("/detect/batch", DetectRequest, answer)

    @app.post(
        "/detect/batch", response_model=BatchResponse, responses={**_BATCH_RESPONSES}, openapi_extra=STREAM_REQUEST
    )
    def detect_batch(request: BatchRequest) -> dict[str, Any]:
        """The entities of several texts.

        With the content type `application/x-ndjson` there is no limit to their number: each line is a request as
        `/detect` takes it, and is answered by a line while others still come in. A line that is refused is answered by
        an object of `line`, `status` and `detail`.
        """
        return {"results": answer(request, request.texts)}
