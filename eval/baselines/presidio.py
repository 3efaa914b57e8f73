"""Microsoft Presidio Analyzer (MIT): https://microsoft.github.io/presidio."""

from collections.abc import Sequence
from typing import Any

from eval.baselines.spans import as_prediction
from schemas.engine import UnbiasedEngine
from schemas.errors import ModelError
from schemas.spans.prediction import Prediction
from schemas.taxonomy import DEFAULT_TYPES, EntityType

_LABELS = {
    **{kind.presidio_name: kind for kind in EntityType},
    "IBAN_CODE": EntityType.BANK_ACCOUNT_NUMBER,
    "US_BANK_NUMBER": EntityType.BANK_ACCOUNT_NUMBER,
    "US_SSN": EntityType.SOCIAL_SECURITY_NUMBER,
    "US_PASSPORT": EntityType.PASSPORT_NUMBER,
    "US_DRIVER_LICENSE": EntityType.DRIVER_LICENSE_NUMBER,
    "US_ITIN": EntityType.TAX_NUMBER,
    "MEDICAL_LICENSE": EntityType.MEDICAL_RECORD_NUMBER,
}


class PresidioEngine(UnbiasedEngine):
    """Presidio's English recognisers; it has none for Chinese."""

    def __init__(self, model: str | None = None) -> None:
        """Use the spaCy model `model` for names, or without one the recognisers of patterns alone.

        Raises ModuleNotFoundError when presidio-analyzer is not installed, ModelError when the spaCy model is not.
        """
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import NoOpNlpEngine, SpacyNlpEngine
        from spacy.util import is_package
        from tldextract import TLDExtract, tldextract

        tldextract.TLD_EXTRACTOR = TLDExtract(suffix_list_urls=())  # or it downloads a list when it is first used

        if model and not is_package(model):
            raise ModelError(f"presidio: the spaCy model {model} is not installed")
        models = [{"lang_code": "en", "model_name": model or "none"}]
        engine: Any = SpacyNlpEngine(models) if model else NoOpNlpEngine(models)
        self._analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
        self._labels = [label for label in self._analyzer.get_supported_entities("en") if label in _LABELS]

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `schemas.engine.Engine` has it."""
        wanted = DEFAULT_TYPES if types is None else types
        return [self._detect(text, wanted) for text in texts]

    def _detect(self, text: str, types: Sequence[EntityType]) -> Prediction:
        labels = [label for label in self._labels if _LABELS[label] in types]
        results = self._analyzer.analyze(text, language="en", entities=labels) if labels else []
        found = [(result.start, result.end, result.entity_type, result.score) for result in results]
        return as_prediction(text, found, _LABELS, types)
