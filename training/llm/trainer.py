"""transformers' Trainer with the contract's loss, entity scores, and speed in its logs."""

import time
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import torch
from accelerate.utils import gather_object
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader
from transformers import PreTrainedModel, Trainer
from transformers.trainer_utils import EvalLoopOutput

from schemas.entity import Example
from schemas.errors import PiiSftError
from training.llm.batches import IGNORED, Batch, PlannedBatches
from training.llm.speed import Speed

Scorer = Callable[[PreTrainedModel, Sequence[Example]], tuple[int, int, int]]
"""Detects entities in examples with the model as it is; returns true positives, false positives, false negatives."""


def token_losses(
    model: torch.nn.Module, batch: Batch, label_smoothing: float = 0.0
) -> tuple[torch.Tensor, torch.Tensor]:
    """The cross-entropy of every taught token of `batch` and the tokens' weights, both of shape (taught tokens,).

    Logits are computed only at positions that predict a taught token: with a vocabulary of 150,000 they would take
    most of the memory.
    """
    inputs = {name: tensor for name, tensor in batch.items() if name not in ("labels", "weights", "batch")}
    targets = batch["labels"][:, 1:]
    columns = targets.ne(IGNORED).any(0).nonzero().squeeze(1)
    logits = model(**inputs, logits_to_keep=columns, use_cache=False).logits.float()
    targets, weights = targets[:, columns], batch["weights"][:, 1:][:, columns]
    taught = targets.ne(IGNORED)
    losses = cross_entropy(logits[taught], targets[taught], reduction="none", label_smoothing=label_smoothing)
    return losses, weights[taught]


class LlmTrainer(Trainer):
    """Trains on planned batches; the loss of a step is the weighted mean over all taught tokens of all its batches."""

    def __init__(
        self,
        *,
        speed: Speed,
        label_smoothing: float,
        scorer: Scorer | None,
        scored: Sequence[Example],
        **settings: Any,
    ) -> None:
        """`scorer` gives the entity scores of `scored` at every evaluation; the rest as in transformers."""
        super().__init__(**settings, data_collator=itemgetter(0))
        self.loss_is_scaled_for_ga = True
        self._speed = speed
        self._label_smoothing = label_smoothing
        self._scorer = scorer
        self._scored = scored

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor | Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor | tuple[torch.Tensor, Any]:
        """The batch's share of the step's loss. Raises PiiSftError, naming step and rows, when it is not finite."""
        losses, weights = token_losses(model, inputs, self._label_smoothing if model.training else 0.0)
        if model.training:
            self._speed.add(inputs["input_ids"].numel())
        total = (losses * weights).sum()
        if not torch.isfinite(total):
            self._stop(model.training, inputs)
        loss = total / (losses.numel() if num_items_in_batch is None else num_items_in_batch)
        if num_items_in_batch is not None and self.args.average_tokens_across_devices:
            loss = loss * self.accelerator.num_processes  # gradients are averaged over devices
        return (loss, {}) if return_outputs else loss

    def _stop(self, training: bool, inputs: dict[str, Any]) -> None:
        dataset = self.train_dataset if training else self.eval_dataset
        rows = dataset.ids(int(inputs["batch"])) if isinstance(dataset, PlannedBatches) else []
        step = self.state.global_step + 1
        raise PiiSftError(f"the loss is not finite at step {step}; rows of the batch: {', '.join(rows)}")

    def evaluation_loop(self, *arguments: Any, **settings: Any) -> EvalLoopOutput:
        """The validation loss, and precision, recall and F1 of entities in the scored examples."""
        output = super().evaluation_loop(*arguments, **settings)
        if self._scorer is not None and self._scored:
            started = time.perf_counter()
            scores = self._entity_scores(self._scorer)
            seconds = {"eval_decode_seconds": time.perf_counter() - started}
            output = output._replace(metrics={**(output.metrics or {}), **scores, **seconds})
        self._speed.restart()
        return output

    def _entity_scores(self, scorer: Scorer) -> dict[str, float]:
        """Each process decodes its part of the examples; the counts add up."""
        part = self._scored[self.accelerator.process_index :: self.accelerator.num_processes]
        model = self.accelerator.unwrap_model(self.model)
        model.eval()
        counts = gather_object([scorer(model, part)])
        tp, fp, fn = (sum(column) for column in zip(*counts, strict=True))
        return {
            "eval_precision": tp / (tp + fp) if tp + fp else 1.0,
            "eval_recall": tp / (tp + fn) if tp + fn else 1.0,
            "eval_f1": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 1.0,
        }

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """As in transformers, with the speed since the last log."""
        super().log({**logs, **self._speed.read()} if "loss" in logs else logs, start_time)


def mean_loss(model: torch.nn.Module, dataset: PlannedBatches, device: torch.device) -> float:
    """The mean loss over the taught tokens of `dataset`; its exponential is the perplexity."""
    was_training = model.training
    model.eval()
    total = count = 0.0
    with torch.no_grad():
        for batch in DataLoader(dataset, batch_size=1, collate_fn=itemgetter(0)):
            losses, _ = token_losses(model, {name: tensor.to(device) for name, tensor in batch.items()})
            total += float(losses.sum())
            count += losses.numel()
    model.train(was_training)
    return total / count if count else 0.0
