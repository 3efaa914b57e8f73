"""Whether fine-tuning made a model forget: its perplexity on general text, with the adapter and without it."""

import math
from collections.abc import Sequence
from typing import Any

import torch

from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.formats.format import HAN

_MOST_TOKENS = 512


def perplexities(model: Any, chat: ChatTokenizer, texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """By language (zh for texts with a Han character, else en): perplexity before and after, and the tokens counted.

    `model` is a peft model; before is without its adapter. Texts are read on their own, at most 512 tokens of each;
    those of fewer than two tokens are passed over.
    """
    by_language: dict[str, list[list[int]]] = {}
    for text in texts:
        ids = chat.encode(text)[:_MOST_TOKENS]
        if len(ids) > 1:
            by_language.setdefault("zh" if HAN.search(text) else "en", []).append(ids)
    figures = {}
    for language, rows in sorted(by_language.items()):
        after = _perplexity(model, rows)
        with model.disable_adapter():
            before = _perplexity(model, rows)
        figures[language] = {"before": before, "after": after, "tokens": sum(len(ids) - 1 for ids in rows)}
    return figures


@torch.inference_mode()
def _perplexity(model: Any, rows: Sequence[Sequence[int]]) -> float:
    total, count = 0.0, 0
    for ids in rows:
        tokens = torch.tensor([ids], device=model.device)
        logits = model(input_ids=tokens).logits[0, :-1].float()
        total += float(torch.nn.functional.cross_entropy(logits, tokens[0, 1:], reduction="sum"))
        count += len(ids) - 1
    return math.exp(total / count)
