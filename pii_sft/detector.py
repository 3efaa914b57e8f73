"""The public Python API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pii_sft.registry import parse_spec
from schemas.engine import Engine
from schemas.spans.prediction import Prediction
from schemas.taxonomy import parse_types


class Detector:
    """Finds personal data in texts with any engine."""

    def __init__(self, engine: Engine, description: str = "") -> None:
        """Detect with `engine`; `description` says what runs where."""
        self.engine = engine
        self.description = description

    @classmethod
    def load(cls, engine: str = "tagger", **options: Any) -> Detector:
        """Load an engine by its name, `NAME[:MODEL][?OPTION[=VALUE]&...]`; `options` are the same options as values.

            Detector.load()                                         the embedded tagger with the rules
            Detector.load("tagger", threads=1, rules=False)         the model alone, on one CPU thread
            Detector.load("llm", model="BASE", adapter=Path("run")) a fine-tuned LLM; needs the extra `llm`

        `pii-sft detect --help` lists the engines and their options. Raises ModelError for an engine, option or model
        that cannot be used, FingerprintError for a model of another contract.
        """
        loaded = parse_spec(engine).changed(options).load()
        return cls(loaded.engine, loaded.description)

    def detect(self, text: str, types: Iterable[str] | None = None, min_score: float = 0.0) -> Prediction:
        """Return the entities of one text; see `detect_batch`."""
        return self.detect_batch([text], types, min_score)[0]

    def detect_batch(
        self, texts: Iterable[str], types: Iterable[str] | None = None, min_score: float = 0.0
    ) -> list[Prediction]:
        """Return one prediction per text, in order: entities of `types` (default-on types) scored at least `min_score`.

        Raises UnknownTypeError for a type outside the taxonomy, InvalidTextError for a text with lone surrogates,
        TypeError for anything that is no text.
        """
        listed = list(texts)
        if isinstance(texts, str) or not all(isinstance(text, str) for text in listed):
            raise TypeError("detect_batch takes an iterable of strings; detect takes one string")
        wanted = None if types is None else parse_types(types)
        return [prediction.at_least(min_score) for prediction in self.engine.detect(listed, wanted)]
