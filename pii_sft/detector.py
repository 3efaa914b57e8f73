"""The public Python API."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from schemas import prediction
from schemas.prediction import Prediction
from schemas.taxonomy import parse_types
from serving.merge import HybridDetector
from serving.rules import RuleDetector
from serving.tagger import EMBEDDED, Tagger


class Detector:
    """Finds personal data in texts: the embedded model with rules beside it, or any engine of the same interface."""

    def __init__(self, engine: prediction.Detector) -> None:
        self.engine = engine

    @classmethod
    def load(cls, model: Path | None = None, *, rules: bool = True, threads: int = 2) -> Detector:
        """Load the tagger from folder `model` (default: the one in the package), with or without the rules.

        Raises ModelError for a folder that cannot be used, FingerprintError for a model of another contract.
        """
        tagger = Tagger(model or EMBEDDED, threads)
        return cls(HybridDetector(tagger, RuleDetector()) if rules else tagger)

    @classmethod
    def load_llm(
        cls,
        model: str | None,
        adapter: Path | None = None,
        *,
        revision: str | None = None,
        recall: float = 0.0,
        rules: bool = True,
    ) -> Detector:
        """Load a causal language model (folder, GGUF file, or hub id with its revision) and a LoRA adapter.

        Without `model` the base that the adapter was trained on. `recall` are log-odds in favour of another entity
        whenever the list of entities could end: above 0 more is found, and more of it is wrong. Needs the extra `llm`.
        Raises ModelError for models that cannot be used, FingerprintError for an adapter of another contract.
        """
        from pii_sft.llm import load_llm

        engine = load_llm(model, adapter, revision=revision, recall=recall)
        return cls(HybridDetector(engine, RuleDetector()) if rules else engine)

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
        return [found.at_least(min_score) for found in self.engine.detect(listed, wanted)]
