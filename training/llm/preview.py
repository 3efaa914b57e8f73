"""What a recipe would train on, before it does: rows, tokens, time, and a first example as the model sees it."""

import math
from dataclasses import dataclass, field

import torch

from schemas.checkpoint.base import OpenedBase
from schemas.checkpoint.chat_tokenizer import EncodedExample
from training.llm.batches import load_data
from training.llm.recipe import LlmRecipe
from training.llm.trainer import measure_peak

_SAMPLED = 64
"""Batches that are tokenised to estimate the tokens of all."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would see.

    `examples` annotated examples become `rows`, since long ones are split; general dialogue is counted among the rows.
    `tokens` and `taught` (those with loss) are of all `steps`, estimated from some batches; `longest` is the longest
    row of these. `seconds` is the least time for the arithmetic, at the speed of a large matrix product on this
    machine. `question` and `answer` are an example as the model sees it, richer in entities than most.
    """

    examples: int
    rows: int
    steps: int
    tokens: int
    taught: int
    longest: int
    seconds: float
    question: str = field(repr=False)
    answer: str = field(repr=False)


def preview(recipe: LlmRecipe, opened: OpenedBase, flops_per_token: float) -> Preview:
    """Read and plan the data of `recipe`; training a token takes `flops_per_token` operations.

    Raises as `load_data` does.
    """
    data = load_data(recipe, opened)
    rounds = recipe.batches.step_examples // recipe.batches.examples
    batches = len(data.train)
    if recipe.optimisation.steps is not None:
        batches = min(batches, recipe.optimisation.steps * rounds)
    sampled = [batch * batches // _SAMPLED for batch in range(_SAMPLED)] if batches > _SAMPLED else range(batches)
    seen = [row for number in sampled for row in data.train.encoded(number)]
    share = batches / len(sampled)
    tokens = round(share * sum(data.train[number]["input_ids"].numel() for number in sampled))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return Preview(
        examples=data.examples,
        rows=data.rows,
        steps=math.ceil(batches / rounds),
        tokens=tokens,
        taught=round(share * sum(sum(row.loss) for row in seen)),
        longest=max(len(row.ids) for row in seen),
        seconds=tokens * flops_per_token / measure_peak(device, getattr(torch, recipe.base.dtype)),
        **_shown(opened, sorted(seen, key=lambda row: sum(row.decisions))[len(seen) * 3 // 4]),
    )


def _shown(opened: OpenedBase, row: EncodedExample) -> dict[str, str]:
    """The question and the answer of a tokenised row, as text."""
    begin = row.loss.index(True)
    parts = {"question": row.ids[:begin], "answer": row.ids[begin:]}
    return {name: str(opened.tokenizer.decode(ids, skip_special_tokens=False)) for name, ids in parts.items()}
