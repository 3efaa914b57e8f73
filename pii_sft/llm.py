"""Wires the LLM's stages: a base that training can open, the engine that serves it, the scores of evaluation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from eval.scores import Counts, strict_counts
from schemas.adapter import ADAPTER_MANIFEST, read_adapter_manifest
from schemas.entity import Example
from schemas.errors import ModelError
from schemas.prompt import usual_types
from schemas.taxonomy import EntityType
from serving.llm import LlmDetector
from training.llm.base import load_model, open_adapter, open_base
from training.llm.recipe import Base, Dtype
from training.llm.trainer import Scorer


def load_llm(
    model: str | None,
    adapter: Path | None = None,
    *,
    revision: str | None = None,
    dtype: Dtype | None = None,
    recall: float = 0.0,
) -> LlmDetector:
    """Load a causal language model and, when given, the LoRA adapter in folder `adapter`, on a GPU where there is one.

    Without `model` the base that the adapter names; `dtype` is by default the type in which the adapter was trained,
    else bfloat16; `recall` is that of the detector. Raises ModelError for a model or adapter that cannot be used,
    FingerprintError for an adapter of another contract.
    """
    manifest = read_adapter_manifest(adapter) if adapter is not None else {}
    if adapter is not None and not manifest["adapter"]:  # a whole model that `train` or `export` wrote
        return load_llm(str(adapter), dtype=dtype, recall=recall)
    if model is None and not manifest:
        raise ModelError("an LLM needs a model, an adapter, or both")
    if model is not None and (Path(model) / ADAPTER_MANIFEST).is_file():
        manifest = manifest or read_adapter_manifest(Path(model))
    place = {"model": model, "revision": revision} if model else manifest["base"]
    loaded = open_base(Base(**place, dtype=dtype or manifest.get("dtype", "bfloat16")))
    weights: Any = load_model(loaded, trained_whole=False)
    if adapter is not None:
        weights = open_adapter(weights, adapter)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return LlmDetector(weights.eval().to(device), loaded.tokenizer, recall=recall)


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
