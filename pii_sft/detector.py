"""The public Python API."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from schemas.engine import Engine
from schemas.spans.prediction import Prediction
from schemas.taxonomy import parse_types
from serving.engines.hybrid import HybridEngine
from serving.engines.rules import RulesEngine
from serving.engines.tagger.engine import EMBEDDED, Tagger


class Detector:
    """Finds personal data in texts: the embedded model with rules beside it, or any engine of the same interface."""

    def __init__(self, engine: Engine, description: str = "") -> None:
        self.engine = engine
        self._description = description

    @classmethod
    def load(cls, model: Path | None = None, *, rules: bool = True, threads: int = 2, recall: float = 0.0) -> Detector:
        """Load the tagger from folder `model` (default: the one in the package), with or without the rules.

        `recall` are log-odds in favour of an entity: above 0 more is found, and more of it is wrong. Raises ModelError
        for a folder that cannot be used, FingerprintError for a model of another contract.
        """
        tagger = Tagger(model or EMBEDDED, threads).with_bias(recall)
        return cls(HybridEngine(tagger, RulesEngine()) if rules else tagger, f"tagger on {threads} CPU threads")

    @classmethod
    def load_llm(
        cls,
        model: str | None,
        adapter: Path | None = None,
        *,
        revision: str | None = None,
        runtime: Literal["torch", "onnx"] | None = None,
        dtype: Literal["bfloat16", "float16", "float32"] | None = None,
        quantization: Literal["nf4"] | None = None,
        bits: Literal[4, 8] = 8,
        threads: int | None = None,
        recall: float = 0.0,
        formed: bool = False,
        few_shot: bool = False,
        rules: bool = True,
    ) -> Detector:
        """Load a causal language model (folder, GGUF file, or hub id with its revision) and a LoRA adapter.

        Without `model` the base that the adapter was trained on. `runtime` torch runs it on a GPU where there is one,
        in `dtype` or in 4 bits with `quantization`; onnx in `bits` bits on `threads` threads of the CPU; the default is
        torch where there is a GPU, else onnx. `recall` are log-odds in favour of another entity whenever the list of
        entities could end: above 0 more is found, and more of it is wrong. `formed` limits types of a fixed form to
        values of that form, `few_shot` shows the model three examples: both are for a model that was not trained on
        the task. Needs the extra `llm`. Raises ModelError for models that cannot be used, FingerprintError for an
        adapter of another contract.
        """
        from serving.engines.llm import LlmSettings
        from serving.engines.llm.few_shot import FEW_SHOT_EXAMPLES
        from serving.engines.llm.load import load_llm

        beside = RulesEngine()
        engine = load_llm(
            model,
            adapter,
            revision=revision,
            runtime=runtime,
            dtype=dtype,
            quantization=quantization,
            bits=bits,
            threads=threads,
            settings=LlmSettings(bias=recall, formed=formed, few_shot=FEW_SHOT_EXAMPLES if few_shot else ()),
            guesser=HybridEngine(Tagger(EMBEDDED, threads or 2), beside),
        )
        return cls(HybridEngine(engine, beside) if rules else engine, engine.backend.description)

    @property
    def description(self) -> str:
        """What runs where, in a few words."""
        return self._description

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
