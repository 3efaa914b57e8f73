"""What a run learns from and what it is measured on, as tensors.

A batch is packed into one row, or padded; both give the same loss.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.data import Dataset

from schemas.checkpoint.base import OpenedBase
from schemas.checkpoint.chat_tokenizer import ChatTokenizer, EncodedExample
from schemas.errors import DataError
from schemas.llm.prompt import usual_types
from schemas.spans.entity import Example
from training.llm.plan import Draw, make_plan
from training.llm.recipe import LlmRecipe, Loss
from training.llm.rows import Row, Turn, encode_row, fit, fitting, read_examples, read_general

IGNORED = -100
"""Label of positions without loss (torch's default `ignore_index`)."""

Batch = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class RowCollator:
    """Turns tokenised rows into one batch.

    Packed, a batch is one row of shape (1, tokens): what all examples begin with, which is most of the question, stands
    there once, and behind it the rest of each, which sees it and itself (`attention_mask` of shape (1, 1, tokens,
    tokens)). Padded, it is (examples, longest). `labels` and `weights` have the same shape as `input_ids`.
    """

    loss: Loss
    packing: bool
    pad: int

    def __call__(self, rows: Sequence[EncodedExample]) -> Batch:
        """Return the tensors of one batch."""
        if self.packing:
            return self._packed(rows)
        ids, labels, weights = self._tensors(rows)
        pad = torch.nn.utils.rnn.pad_sequence
        return {
            "input_ids": pad(ids, batch_first=True, padding_value=self.pad),
            "attention_mask": pad([torch.ones_like(row) for row in ids], batch_first=True),
            "labels": pad(labels, batch_first=True, padding_value=IGNORED),
            "weights": pad(weights, batch_first=True),
        }

    def _packed(self, rows: Sequence[EncodedExample]) -> Batch:
        shared = shared_tokens(rows)
        starts = [0, *[shared] * (len(rows) - 1)]
        columns = [
            torch.cat([row[start:] for row, start in zip(column, starts, strict=True)])[None]
            for column in self._tensors(rows)
        ]
        positions = torch.cat([torch.arange(start, len(row.ids)) for row, start in zip(rows, starts, strict=True)])
        owners = torch.cat([torch.full((len(row.ids) - shared,), number) for number, row in enumerate(rows)])
        owners = torch.cat([torch.full((shared,), -1), owners])
        visible = (owners[:, None] == owners) | (owners == -1)
        return {
            **dict(zip(("input_ids", "labels", "weights"), columns, strict=True)),
            "position_ids": positions[None],
            "attention_mask": visible.tril()[None, None],
        }

    def _tensors(self, rows: Sequence[EncodedExample]) -> tuple[list[torch.Tensor], ...]:
        """Ids, labels and weights of each row."""
        return (
            [torch.tensor(row.ids) for row in rows],
            [torch.tensor(self._labels(row)) for row in rows],
            [torch.tensor(self._weights(row)) for row in rows],
        )

    def _labels(self, row: EncodedExample) -> list[int]:
        taught = row.loss if self.loss.forced else row.free
        end = len(row.ids) - 1  # the token that ends a text is never forced
        return [
            token if shown or position == end else IGNORED
            for position, (token, shown) in enumerate(zip(row.ids, taught, strict=True))
        ]

    def _weights(self, row: EncodedExample) -> list[float]:
        return [self.loss.decision_weight if decision else 1.0 for decision in row.decisions]


def shared_tokens(rows: Sequence[EncodedExample]) -> int:
    """How many tokens all of `rows` begin with, none of them taught, nor any that stands right behind them."""
    least = min(row.loss.index(True) if any(row.loss) else len(row.ids) for row in rows) - 1
    columns = zip(*(row.ids[:least] for row in rows), strict=True)
    return next((number for number, column in enumerate(columns) if len(set(column)) > 1), max(least, 0))


class PlannedBatches(Dataset[Batch]):
    """The batches of a plan by number; rows are tokenised when they are asked for."""

    def __init__(
        self, rows: Sequence[Row], plan: Sequence[list[Draw]], chat: ChatTokenizer, collate: RowCollator
    ) -> None:
        self._rows = rows
        self._plan = plan
        self._chat = chat
        self._collate = collate

    def __len__(self) -> int:
        return len(self._plan)

    def __getitem__(self, number: int) -> Batch:
        return self._collate(self.encoded(number)) | {"batch": torch.tensor([number])}

    def encoded(self, number: int) -> list[EncodedExample]:
        """The tokens of the rows in batch `number`."""
        return [encode_row(self._rows[draw.row], draw.types, self._chat) for draw in self._plan[number]]

    def ids(self, number: int) -> list[str]:
        """The ids of the rows in batch `number`."""
        rows = (self._rows[draw.row] for draw in self._plan[number])
        return [row.document.id if isinstance(row, Example) else row.id for row in rows]


@dataclass(frozen=True, slots=True)
class RunData:
    """The batches of a run.

    `train` are all batches of all epochs, made of `rows` rows: `examples` annotated ones, the long of which are split,
    and dialogue. `validation` and `general` (dialogue) are for the loss, `scored` for entities; each of these may be
    empty. `hashes` are the SHA-256 of the files.
    """

    train: PlannedBatches
    rows: int
    examples: int
    validation: PlannedBatches
    scored: list[Example]
    general: PlannedBatches
    hashes: dict[str, str]


def load_data(recipe: LlmRecipe, opened: OpenedBase) -> RunData:
    """Read and plan the data of `recipe`.

    Raises DataError or RecordError, which name the file, for data that is missing, malformed or empty.
    """
    evaluation = recipe.evaluation
    examples = read_examples(recipe.data, "train")
    rows: list[Row] = list(fit(examples, opened.chat, recipe.batches))
    if not rows:
        raise DataError(f"{recipe.data / 'train.jsonl'}: holds no annotated example")
    scored = read_examples(recipe.data, "validation")[: evaluation.examples] if evaluation.examples else []
    probe, mixed = _general(recipe, opened)
    rows += mixed
    settings = recipe.optimisation
    plan = make_plan(rows, recipe.sampling, recipe.batches, settings.epochs, settings.seed)
    pad = opened.tokenizer.pad_token_id or 0
    measured = RowCollator(Loss(), packing=True, pad=pad)
    return RunData(
        train=PlannedBatches(rows, plan, opened.chat, RowCollator(recipe.loss, recipe.batches.packing, pad)),
        rows=len(rows),
        examples=len(examples),
        validation=_one_by_one(list(fit(scored, opened.chat, recipe.batches)), opened, measured),
        scored=scored,
        general=_one_by_one(probe, opened, measured),
        hashes=_hashes(recipe.data),
    )


def _general(recipe: LlmRecipe, opened: OpenedBase) -> tuple[list[Turn], list[Turn]]:
    """The dialogue for the perplexity, and the rest, which may be mixed in."""
    probed, mixed = recipe.evaluation.general, recipe.sampling.general > 0
    if not probed and not mixed:
        return [], []
    turns = fitting(read_general(recipe.data), opened.chat, recipe.batches)
    if mixed and len(turns) <= probed:
        path = recipe.data / "general.jsonl"
        raise DataError(f"{path}: holds no dialogue beyond the {probed} rows for the perplexity (evaluation.general)")
    return turns[:probed], turns[probed:] if mixed else []


def _one_by_one(rows: Sequence[Row], opened: OpenedBase, collate: RowCollator) -> PlannedBatches:
    """A batch for every row; examples are asked about what serving would ask about."""
    plan = [[Draw(number, usual_types(row) if isinstance(row, Example) else ())] for number, row in enumerate(rows)]
    return PlannedBatches(rows, plan, opened.chat, collate)


def _hashes(folder: Path) -> dict[str, str]:
    files = [path for split in ("train", "validation", "general") if (path := folder / f"{split}.jsonl").is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
