"""The routes of Presidio Analyzer, so that its clients and presidio-anonymizer work with this service unchanged.

https://microsoft.github.io/presidio/api-docs/api-docs.html
"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType, Types, parse_types
from serving.engines.custom_rules import CustomRules
from serving.engines.detection_options import DetectionOptions
from serving.service.detection_service import DetectionService
from serving.service.models.errors import ERROR_RESPONSES

RECOGNIZER = "PiiSftRecognizer"
"""The name of this detector among Presidio's recognisers."""


class AnalyzeRequest(BaseModel):
    """A request of Presidio's clients. `language` is not looked at: both languages are always searched."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    text: str | list[str] = Field(repr=False)
    language: str = "zh"
    entities: list[str] | None = None
    score_threshold: float | None = Field(None, ge=0, le=1)
    allow_list: list[str] | None = Field(None, repr=False)
    ad_hoc_recognizers: list[Any] | None = Field(None, max_length=0, repr=False, description="Not supported.")


class AnalyzeResult(BaseModel):
    """One entity in Presidio's form."""

    entity_type: str
    start: int
    end: int
    score: float
    analysis_explanation: None = None
    recognition_metadata: dict[str, str]


def presidio_types(names: Sequence[str]) -> Types:
    """Types of these names, ours or Presidio's; names of neither are ignored, as Presidio's clients expect."""
    return parse_types(kind for kind in EntityType if kind.presidio_name in names or str(kind) in names)


def add_presidio(app: APIRouter, service: DetectionService) -> None:
    """Add `POST /analyze`, `GET /supportedentities` and `GET /recognizers` to `app`."""

    @app.post("/analyze", response_model=list[AnalyzeResult] | list[list[AnalyzeResult]], responses={**ERROR_RESPONSES})
    def analyze(request: AnalyzeRequest) -> list[Any]:
        """Entities in Presidio's form; a list of texts gets a list of lists."""
        texts = [request.text] if isinstance(request.text, str) else request.text
        types = presidio_types(request.entities) if request.entities else parse_types(None)
        rules = CustomRules.of(request.allow_list or (), {}, ())
        options = DetectionOptions(types, request.score_threshold or 0.0, custom_rules=rules)
        predictions = service.detect(texts, options) if types else [Prediction(text, ()) for text in texts]
        results = [_results(prediction) for prediction in predictions]
        return results[0] if isinstance(request.text, str) else results

    @app.get("/supportedentities", response_model=list[str])
    async def supported_entities() -> list[str]:
        """Presidio's names of all types that can be asked for."""
        return [kind.presidio_name for kind in EntityType]

    @app.get("/recognizers", response_model=list[str])
    async def recognizers() -> list[str]:
        """The one recogniser that stands for this service."""
        return [RECOGNIZER]


def _results(prediction: Prediction) -> list[dict[str, Any]]:
    return [
        {
            "entity_type": detection.entity.type.presidio_name,
            "start": detection.entity.start,
            "end": detection.entity.end,
            "score": round(detection.score, 4),
            "recognition_metadata": {"recognizer_name": RECOGNIZER, "source": detection.source},
        }
        for detection in prediction.detections
    ]
