"""What training and evaluation ask of a served LLM: entity scores of a model in training, and what it forgot."""

from collections.abc import Sequence
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerFast

from eval.scores.counts import Counts, strict_counts
from schemas.checkpoint.base import Quantization
from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.llm.prompt import usual_types
from schemas.spans.entity import Example
from schemas.taxonomy import EntityType
from serving.engines.llm.backends.torch_backend import TorchBackend
from serving.engines.llm.engine import LlmEngine
from serving.engines.llm.load import open_llm
from serving.engines.llm.shared_base import load_on_device
from training.llm.perplexity import perplexities
from training.llm.trainer import Scorer


def make_scorer(tokenizer: PreTrainedTokenizerFast, batch: int) -> Scorer:
    """What the trainer calls to score a model on examples: detection under the grammar, strict matching."""
    chat = ChatTokenizer(tokenizer.backend_tokenizer, type(tokenizer).__name__)

    def score(model: PreTrainedModel, examples: Sequence[Example]) -> tuple[int, int, int]:
        engine = LlmEngine(TorchBackend(model, batch), chat)
        total = Counts()
        by_types: dict[tuple[EntityType, ...], list[Example]] = {}
        for example in examples:
            by_types.setdefault(usual_types(example), []).append(example)
        for types, group in by_types.items():
            predictions = engine.detect([example.document.text for example in group], types)
            total = sum(strict_counts(group, predictions, types).values(), total)
        return total.tp, total.fp, total.fn

    return score


def general_perplexities(
    model: str | None,
    adapter: Path,
    texts: Sequence[str],
    revision: str | None = None,
    quantization: Quantization | None = None,
) -> dict[str, dict[str, float]]:
    """The perplexity of `texts` by language, without and with the LoRA adapter in folder `adapter`, under torch.

    See `training.llm.perplexity`. Raises ModelError as `serving.engines.llm.load.load_llm` does.
    """
    opened, lora = open_llm(model, adapter, revision=revision, quantization=quantization)
    return perplexities(load_on_device(opened, lora), opened.chat, texts)
