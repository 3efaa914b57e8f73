"""Microsoft Presidio Analyzer (MIT): https://microsoft.github.io/presidio."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from eval.baselines import spans
from eval.baselines.spans import as_prediction
from schemas.engine import LoadedEngine, UnbiasedEngine
from schemas.errors import ModelError
from schemas.options import option
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
    """Presidio's recognisers for one language; for Chinese it has a spaCy model's, and those of no language."""

    def __init__(self, model: str | None = None) -> None:
        """Use the spaCy model `model` for names, in the language with which its name begins (`zh_core_web_sm`).

        Without one, use the recognisers of patterns only, in English.
        Raises ModuleNotFoundError when presidio-analyzer is not installed, ModelError when the spaCy model is not.
        """
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import NoOpNlpEngine, SpacyNlpEngine
        from spacy.util import is_package
        from tldextract import TLDExtract, tldextract

        tldextract.TLD_EXTRACTOR = TLDExtract(suffix_list_urls=())  # or it downloads a list when it is first used

        if model and not is_package(model):
            raise ModelError(f"presidio: the spaCy model {model} is not installed")
        self._language = model.partition("_")[0] if model else "en"
        models = [{"lang_code": self._language, "model_name": model or "none"}]
        engine: Any = SpacyNlpEngine(models) if model else NoOpNlpEngine(models)
        self._analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=[self._language])
        self._labels = [label for label in self._analyzer.get_supported_entities(self._language) if label in _LABELS]

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `schemas.engine.Engine` has it."""
        wanted = DEFAULT_TYPES if types is None else types
        return [self._detect(text, wanted) for text in texts]

    def _detect(self, text: str, types: Sequence[EntityType]) -> Prediction:
        labels = [label for label in self._labels if _LABELS[label] in types]
        results = self._analyzer.analyze(text, language=self._language, entities=labels) if labels else []
        found = [(result.start, result.end, result.entity_type, result.score) for result in results]
        return as_prediction(text, found, _LABELS, types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Which spaCy model Presidio uses."""

    model: str | None = option(None, "spaCy model of Presidio", shown="patterns alone")


def load(config: Config) -> LoadedEngine:
    """The engine of `config`. Raises ModelError for a spaCy model that is not installed."""
    engine = PresidioEngine(config.model)
    description = f"Presidio with {config.model}" if config.model else "Presidio, patterns alone"
    packages = ("presidio-analyzer", *([config.model] if config.model else []))
    versions = tuple(f"{package} {version(package)}" for package in packages)
    return LoadedEngine(engine, description, (sys.modules[__name__], spans), versions=versions)
