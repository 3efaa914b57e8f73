"""Batches as tensors: packed into one row, or padded; both give the same loss."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.utils.data import Dataset

from schemas.checkpoint.chat_tokenizer import ChatTokenizer, Tokens
from schemas.spans.entity import Example
from training.llm.plan import Draw, Row
from training.llm.recipe import Loss
from training.llm.rows import tokens_of

IGNORED = -100
"""Label of positions without loss (torch's default `ignore_index`)."""

Batch = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Collator:
    """Turns tokenised rows into one batch.

    Packed, a batch is one row of shape (1, all tokens), whose `position_ids` begin anew with each example: the model
    reads from them which tokens may see one another. Padded, it is (examples, longest) with an `attention_mask`.
    `labels` and `weights` have the same shape as `input_ids`.
    """

    loss: Loss
    packing: bool
    pad: int

    def __call__(self, rows: Sequence[Tokens]) -> Batch:
        """Return the tensors of one batch."""
        ids = [torch.tensor(row.ids) for row in rows]
        labels = [torch.tensor(self._labels(row)) for row in rows]
        weights = [torch.tensor(self._weights(row)) for row in rows]
        if self.packing:
            positions = torch.cat([torch.arange(len(row)) for row in ids])
            packed = {"input_ids": ids, "labels": labels, "weights": weights}
            return {name: torch.cat(parts)[None] for name, parts in packed.items()} | {"position_ids": positions[None]}
        pad = torch.nn.utils.rnn.pad_sequence
        return {
            "input_ids": pad(ids, batch_first=True, padding_value=self.pad),
            "attention_mask": pad([torch.ones_like(row) for row in ids], batch_first=True),
            "labels": pad(labels, batch_first=True, padding_value=IGNORED),
            "weights": pad(weights, batch_first=True),
        }

    def _labels(self, row: Tokens) -> list[int]:
        taught = row.loss if self.loss.forced else row.free
        end = len(row.ids) - 1  # the token that ends a text is never forced
        return [
            token if shown or place == end else IGNORED
            for place, (token, shown) in enumerate(zip(row.ids, taught, strict=True))
        ]

    def _weights(self, row: Tokens) -> list[float]:
        return [self.loss.decision_weight if decision else 1.0 for decision in row.decisions]


class PlannedBatches(Dataset[Batch]):
    """The batches of a plan by number; rows are tokenised when they are asked for."""

    def __init__(self, rows: Sequence[Row], plan: Sequence[list[Draw]], chat: ChatTokenizer, collate: Collator) -> None:
        self._rows = rows
        self._plan = plan
        self._chat = chat
        self._collate = collate

    def __len__(self) -> int:
        return len(self._plan)

    def __getitem__(self, number: int) -> Batch:
        tokens = [tokens_of(self._rows[draw.row], draw.types, self._chat) for draw in self._plan[number]]
        return self._collate(tokens) | {"batch": torch.tensor([number])}

    def ids(self, number: int) -> list[str]:
        """The ids of the rows in batch `number`."""
        rows = (self._rows[draw.row] for draw in self._plan[number])
        return [row.document.id if isinstance(row, Example) else row.id for row in rows]
