"""The detector as a recogniser of Presidio Analyzer: its engine then finds Chinese too.

    engine = AnalyzerEngine(nlp_engine=NoOpNlpEngine([{"lang_code": "zh", "model_name": "none"}]), ...)
    engine.registry.add_recognizer(PiiSftRecognizer(Detector.load()))

https://microsoft.github.io/presidio/analyzer/adding_recognizers/
"""

from collections.abc import Sequence
from typing import Any

from presidio_analyzer import EntityRecognizer, RecognizerResult

from pii_sft.detector import Detector
from schemas.taxonomy import ALL_TYPES, EntityType
from serving.service.routes.presidio import RECOGNIZER, presidio_types


class PiiSftRecognizer(EntityRecognizer):
    """Finds what a detector finds, under Presidio's names of types where it has one."""

    def __init__(self, detector: Detector, language: str = "zh") -> None:
        """Answer with `detector`, to texts of `language`, of which the detector itself needs to know nothing."""
        names = [kind.presidio_name for kind in (*EntityType, *sorted(detector.custom_rules.types - {*ALL_TYPES}))]
        super().__init__(supported_entities=names, name=RECOGNIZER, supported_language=language)
        self._detector = detector

    def load(self) -> None:
        """Nothing: the detector is loaded."""

    def analyze(self, text: str, entities: Sequence[str], nlp_artifacts: Any = None) -> list[Any]:
        """The results for those `entities` that are types of ours. Raises InvalidTextError for lone surrogates."""
        detections = self._detector.detect(text, presidio_types(entities)).detections
        return [
            RecognizerResult(
                detection.entity.type.presidio_name, detection.entity.start, detection.entity.end, detection.score
            )
            for detection in detections
        ]
