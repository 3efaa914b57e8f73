"""transformers' Trainer with the contract's loss, entity scores, and how fast it is in its logs."""

import math
import time
from collections.abc import Callable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import gather_object
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel, Trainer

from schemas.checkpoint.base import saving
from schemas.errors import PiiSftError
from schemas.spans.entity import Example
from training.llm.batches import IGNORED, Batch, PlannedBatches, RunData

Scorer = Callable[[PreTrainedModel, Sequence[Example]], tuple[int, int, int]]
"""Detects entities in examples with the model as it is; returns true positives, false positives, false negatives."""

BEST = "f1_then_loss"
"""The measure by which the best step is chosen: F1, and among equal ones the smaller loss."""
_TIE, _LARGEST_LOSS = 1e-6, 10.0
TIE_RANGE = _TIE * _LARGEST_LOSS
"""What the loss can add to that measure at most; less than any difference of F1 on up to 10,000 entities."""

_SIDE, _ROUNDS = 2048, 8
"""Side of the square matrices whose product gives the machine's speed, the best of some rounds."""


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


class TrainingSpeed:
    """Counts tokens between two readings."""

    def __init__(self, flops_per_token: float, peak: float, processes: int) -> None:
        """Of `processes` that do the same, this one does `peak` operations a second at most.

        `flops_per_token` are the operations that training one token takes.
        """
        self._flops_per_token = flops_per_token
        self._peak = peak
        self._processes = processes
        self.restart()

    def restart(self) -> None:
        """Forget the tokens and the time since the last reading."""
        self._tokens, self._since = 0, time.perf_counter()

    def add(self, tokens: int) -> None:
        """Count `tokens` more."""
        self._tokens += tokens

    def read(self) -> dict[str, float]:
        """Seconds since the last reading, tokens a second of all processes, and the model FLOPs utilisation.

        The last is the share of `peak` that went into the model's own arithmetic (Chowdhery et al. 2022, PaLM).
        """
        seconds = time.perf_counter() - self._since
        rate = self._tokens / seconds
        self.restart()
        mfu = rate * self._flops_per_token / self._peak
        return {"seconds": seconds, "tokens_per_second": rate * self._processes, "mfu": mfu}


def flops_per_token(model: Any) -> float:
    """Operations that training takes for one token, attention apart: 2 a weight forward, 2 backward, 2 if it learns.

    Embeddings are looked up, not multiplied, and the vocabulary's layer sees only taught tokens; both are left out.
    """
    head = model.get_output_embeddings()
    layers = [module for module in model.modules() if isinstance(module, torch.nn.Linear) and module is not head]
    return float(
        sum(layer.in_features * layer.out_features * (6 if layer.weight.requires_grad else 4) for layer in layers)
    )


def measure_peak(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second of a large matrix product on `device` in `dtype`, the best of some rounds."""
    left, right = (torch.randn(_SIDE, _SIDE, device=device, dtype=dtype) for _ in range(2))
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        product = left @ right
        product[0, 0].item()  # waits for the device
        best = min(best, time.perf_counter() - started)
    return 2.0 * _SIDE**3 / best


class LlmTrainer(Trainer):
    """Trains on planned batches; a step's loss is the sum of weighted losses by the number of taught tokens in it."""

    def __init__(
        self, *, data: RunData, speed: TrainingSpeed, label_smoothing: float, scorer: Scorer | None, **settings: Any
    ) -> None:
        """`scorer` gives the entity scores of `data.scored` at every evaluation; `settings` are those of Trainer."""
        datasets: dict[str, Any] = {
            "train_dataset": data.train,
            "eval_dataset": data.validation,
            "data_collator": itemgetter(0),
        }
        super().__init__(**settings, **datasets)
        self._data = data
        self._speed = speed
        self._label_smoothing = label_smoothing
        self._scorer = scorer

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor | Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> torch.Tensor | tuple[torch.Tensor, Any]:
        """The batch's share of the step's loss. Raises PiiSftError, naming step and rows, when it is not finite."""
        losses, weights = token_losses(model, inputs, self._label_smoothing)
        self._speed.add(inputs["input_ids"].numel())
        total = (losses * weights).sum()
        if not torch.isfinite(total):
            rows = ", ".join(self._data.train.ids(int(inputs["batch"])))
            step = self.state.global_step + 1
            raise PiiSftError(f"the loss is not finite at step {step}; rows of the batch: {rows}")
        loss = total / num_items_in_batch * self.accelerator.num_processes  # gradients are averaged over processes
        return (loss, {}) if return_outputs else loss

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Measure the model, log the figures and tell the callbacks."""
        metrics = self.measure()
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def measure(self) -> dict[str, float]:
        """Validation loss, entity scores and the perplexity of general dialogue, of the model as it is.

        Trainer's own evaluation is not used: it weighs tokens by their batch, and before a distributed run it would
        leave the model undistributed.
        """
        figures = {}
        with torch.compiler.set_stance("force_eager"):  # decoding has other shapes at every token
            if len(self._data.validation):
                figures["eval_loss"] = self._mean_loss(self._data.validation)
            if len(self._data.general):
                figures["eval_perplexity"] = math.exp(self._mean_loss(self._data.general))
            scores = self._entity_scores()
        if scores:
            scores[f"eval_{BEST}"] = scores["eval_f1"] - _TIE * min(figures.get("eval_loss", 0.0), _LARGEST_LOSS)
        self._speed.restart()  # it is that of training alone
        return figures | scores

    @torch.no_grad()
    def _mean_loss(self, dataset: PlannedBatches) -> float:
        """The mean over all taught tokens of `dataset`; every process takes part in every batch, as FSDP needs it."""
        self.model_wrapped.eval()
        total = torch.zeros((), dtype=torch.float64)
        count = 0
        for number in range(len(dataset)):
            with self.compute_loss_context_manager():
                losses, _ = token_losses(self.model_wrapped, self._prepare_inputs(dataset[number]))
            total += losses.sum().cpu()
            count += losses.numel()
        return float(total / count)

    def _entity_scores(self) -> dict[str, float]:
        """Precision, recall and F1 of entities; each process decodes its part of the examples. Empty without scorer."""
        if self._scorer is None:
            return {}
        started = time.perf_counter()
        part = self._data.scored[self.accelerator.process_index :: self.accelerator.num_processes]
        model = self.accelerator.unwrap_model(self.model)
        model.eval()
        tp, fp, fn = (sum(column) for column in zip(*gather_object([self._scorer(model, part)]), strict=True))
        return {
            "eval_precision": tp / (tp + fp) if tp + fp else 1.0,
            "eval_recall": tp / (tp + fn) if tp + fn else 1.0,
            "eval_f1": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 1.0,
            "eval_entities": tp + fn,
            "eval_decode_seconds": time.perf_counter() - started,
        }

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """As in transformers. Raises ModelError when the folder cannot be written; older checkpoints stay."""
        with saving(Path(self.args.output_dir or ".")):
            super()._save_checkpoint(model, trial)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """As in transformers, with the speed since the last log."""
        super().log({**logs, **self._speed.read()} if "loss" in logs else logs, start_time)
