"""The routes of Presidio Analyzer and Anonymizer, so that their clients work with this service unchanged.

https://microsoft.github.io/presidio/api-docs/api-docs.html
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError

from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import ALL_TYPES, EntityType, Types, parse_types
from serving.engines.detection_options import DetectionOptions
from serving.redaction.anonymizers import Anonymizer, anonymize
from serving.service.detection_service import DetectionService
from serving.service.models.errors import ERROR_RESPONSES
from serving.service.models.presidio_analyzer import AnalyzeRequest, AnalyzeResult, type_named
from serving.service.models.presidio_anonymizer import (
    ANONYMIZERS,
    AnonymizeRequest,
    AnonymizeResponse,
    AnonymizerFields,
)

RECOGNIZER = "PiiSftRecognizer"
"""The name of this detector among Presidio's recognisers."""
_MOST_OVERLAP = 20
"""How many times as long as the text all results to anonymize may be: each that overlaps others repeats its part."""


def presidio_types(names: Sequence[str]) -> Types:
    """Types of these names, ours or Presidio's; names of neither are left out, for other recognisers may have them."""
    return parse_types(kind for name in names if (kind := type_named(name)))


def add_presidio(app: APIRouter, service: DetectionService) -> None:
    """Add the routes of both to `app`."""

    @app.post("/analyze", response_model=list[AnalyzeResult] | list[list[AnalyzeResult]], responses={**ERROR_RESPONSES})
    def analyze(request: AnalyzeRequest) -> list[Any]:
        """Entities in Presidio's form; a list of texts gets a list of lists."""
        texts = [request.text] if isinstance(request.text, str) else request.text
        own = {one.kind for one in request.recognizers}
        wanted = _wanted(request.entities, own | service.custom_rules.types) if request.entities else None
        types = parse_types(None) if wanted is None else parse_types(wanted & {*ALL_TYPES})
        rules = request.custom_rules(own if wanted is None else wanted)
        predictions = service.detect(texts, DetectionOptions(types, request.score_threshold or 0.0, custom_rules=rules))
        results = [_results(prediction, bool(request.return_decision_process)) for prediction in predictions]
        return results[0] if isinstance(request.text, str) else results

    @app.post("/anonymize", response_model=AnonymizeResponse, responses={**ERROR_RESPONSES})
    def anonymize_one(request: AnonymizeRequest) -> dict[str, Any]:
        """The text with the results of `/analyze` anonymized."""
        for row, result in enumerate(request.analyzer_results):
            if not result.start <= result.end <= len(request.text):
                raise _invalid("span", "not a part of the text", "analyzer_results", row)
        results = [result.found for result in request.analyzer_results]
        if sum(one.end - one.start for one in results) > _MOST_OVERLAP * len(request.text):
            message = f"together longer than {_MOST_OVERLAP} times the text"
            raise _invalid("overlap", message, "analyzer_results")
        text, items = anonymize(request.text, results, _by_either_name(request.anonymizers or {}))
        return {"text": text, "items": [asdict(item) for item in reversed(items)]}

    @app.get("/anonymizers", response_model=list[str])
    async def anonymizers() -> list[str]:
        """The names of what `/anonymize` does."""
        return list(ANONYMIZERS)

    @app.get("/supportedentities", response_model=list[str])
    async def supported_entities() -> list[str]:
        """Presidio's names of all types that can be asked for."""
        return [kind.presidio_name for kind in (*EntityType, *sorted(service.custom_rules.types - {*ALL_TYPES}))]

    @app.get("/recognizers", response_model=list[str])
    async def recognizers() -> list[str]:
        """The one recogniser that stands for this service."""
        return [RECOGNIZER]


def _wanted(names: Sequence[str], own: Set[EntityType]) -> set[EntityType]:
    """The types of these names, those in `own` among them. Raises RequestValidationError for an unknown name."""
    known = {str(kind): kind for kind in own}
    wanted = set()
    for row, name in enumerate(names):
        kind = type_named(name) or known.get(name)
        if kind is None:
            message = "unknown entity; GET /supportedentities lists those that can be asked for"
            raise _invalid("unknown_entity", message, "entities", row)
        wanted.add(kind)
    return wanted


def _by_either_name(fields: Mapping[str, AnonymizerFields]) -> Mapping[str, Anonymizer]:
    """The anonymizers by Presidio's names of types and ours."""
    anonymizers: dict[str, Anonymizer] = {}
    for name, one in fields.items():
        kind = type_named(name)
        names = [name] if kind is None else [str(kind), kind.presidio_name]
        anonymizers |= dict.fromkeys(names, one.anonymizer)
    return anonymizers


def _invalid(kind: str, message: str, *field: str | int) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body", *field), "msg": message, "type": kind}])


def _results(prediction: Prediction, explained: bool) -> list[dict[str, Any]]:
    return [
        {
            "entity_type": detection.type.presidio_name,
            "start": detection.start,
            "end": detection.end,
            "score": round(detection.score, 4),
            "analysis_explanation": _explanation(detection) if explained else None,
            "recognition_metadata": {"recognizer_name": RECOGNIZER, "source": detection.source},
        }
        for detection in prediction.detections
    ]


def _explanation(detection: Detection) -> dict[str, Any]:
    score = round(detection.score, 4)
    return {
        "recognizer": RECOGNIZER,
        "original_score": score,
        "score": score,
        "textual_explanation": f"found by {detection.source}",
        "validation_result": detection.validated,
    }
