"""Wires the LLM's stages: a base that training can open, the engine that serves it, the scores of evaluation."""

from collections.abc import Sequence
from pathlib import Path

from peft import PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from eval.scores import Counts, strict_counts
from schemas.adapter import read_adapter_manifest
from schemas.entity import Example
from schemas.prompt import usual_types
from schemas.taxonomy import EntityType
from serving.llm import LlmDetector
from training.llm.base import load_model, open_base
from training.llm.recipe import Base
from training.llm.trainer import Scorer


def load_llm(base: Base, adapter: Path | None = None, batch: int = 8) -> LlmDetector:
    """Load `base` and, when given, the LoRA adapter in folder `adapter` for detection.

    Raises ModelError for a base or adapter that cannot be used, FingerprintError for an adapter of another contract.
    """
    if adapter is not None:
        read_adapter_manifest(adapter)
    loaded = open_base(base)
    model: PreTrainedModel = load_model(loaded, trained_whole=False)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter))  # type: ignore[assignment]
    return LlmDetector(model, loaded.tokenizer, batch)


def make_scorer(tokenizer: PreTrainedTokenizerFast, batch: int) -> Scorer:
    """What the trainer calls to score a model on examples: detection under the grammar, strict matching."""

    def score(model: PreTrainedModel, examples: Sequence[Example]) -> tuple[int, int, int]:
        detector = LlmDetector(model, tokenizer, batch)
        total = Counts()
        by_types: dict[tuple[EntityType, ...], list[Example]] = {}
        for example in examples:
            by_types.setdefault(usual_types(example), []).append(example)
        for types, group in by_types.items():
            predictions = detector.detect([example.document.text for example in group], types)
            total = sum(strict_counts(group, predictions, types).values(), total)
        return total.tp, total.fp, total.fn

    return score
