"""The trainer of taggers: its loss, on what each source teaches and on a teacher's answers, and its optimizer."""

import math
from typing import Any, NamedTuple

import torch
from transformers import Trainer

from schemas.errors import ModelError
from training.tagger.features import IGNORED
from training.tagger.llm_reader import ReadingTagger
from training.tagger.model import every_logits

_FROM_THE_LAST = 0.5
"""Share of the last head's answers in what an early head learns."""


class MaskedTrainer(Trainer):
    """Cross-entropy over the tags that each row's source can teach; all other tags are left out of its softmax.

    With a teacher, a share `soft` of the loss is the cross-entropy against its probabilities of all tags, and the whole
    loss of rows without labels (Hinton et al. 2015, https://arxiv.org/abs/1503.02531). An early head learns beside the
    last one, and half from its answers (Phuong and Lampert 2019, "Distillation-based training for multi-exit
    architectures").
    """

    _teacher: torch.nn.Module | None = None
    _soft = 0.0
    reader_rate = 0.0

    def teach(self, teacher: torch.nn.Module, soft: float) -> None:
        """Take a `teacher` of the same tags, whose answers are a share `soft` of the loss."""
        self._teacher, self._soft = teacher.to(self.args.device).eval(), soft

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor | Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor | tuple[torch.Tensor, Any]:
        """Mean loss over the batch's tokens, in training with that of an early head (and the logits when asked for)."""
        allowed, labels = inputs.pop("allowed"), inputs.pop("labels")
        *early, logits = _logits(model, inputs)
        answers = None
        if self._teacher is not None and model.training:
            device = self.args.device.type
            with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=self.args.bf16):
                answers = _logits(self._teacher, inputs)[-1].softmax(-1)
        targets = Targets(labels, allowed, inputs["attention_mask"] > 0, answers)
        loss = tag_loss(targets, logits, self._soft)
        for scores in early if model.training else ():
            loss = loss + tag_loss(targets._replace(answers=logits.detach().softmax(-1)), scores, _FROM_THE_LAST)
        return (loss, {"logits": logits}) if return_outputs else loss

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Log as Trainer does; raises ModelError where the gradients are no numbers, and nothing is learnt any more."""
        if not math.isfinite(float(logs.get("grad_norm", 0.0))):
            raise ModelError(f"step {self.state.global_step}: the gradients are no numbers; lower the learning rate")
        super().log(logs, *args, **kwargs)

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """AdamW, with the rate `reader_rate` for the weights of a reader."""
        optimizer: torch.optim.Optimizer = super().create_optimizer(model)
        if isinstance(self.model, ReadingTagger):
            reader = {id(weights) for weights in self.model.reader.parameters()}
            for group in list(optimizer.param_groups):
                apart = [weights for weights in group["params"] if id(weights) in reader]
                group["params"] = [weights for weights in group["params"] if id(weights) not in reader]
                optimizer.add_param_group({**group, "params": apart, "lr": self.reader_rate})
        return optimizer


def _logits(model: torch.nn.Module, inputs: dict[str, Any]) -> list[torch.Tensor]:
    """Scores of all tags in float32 by every head; a tagger without a reader takes what is its own of `inputs`."""
    if isinstance(model, ReadingTagger):
        return [model(**inputs).float()]
    every = every_logits(model, inputs["input_ids"], inputs["words"], inputs["attention_mask"])
    return [scores.float() for scores in every]


class Targets(NamedTuple):
    """What a batch teaches.

    `labels` (batch, length) with `IGNORED` where there is none, `allowed` tags (batch, tags), which tokens are `read`
    (batch, length), and the teacher's `answers` (batch, length, tags) as probabilities.
    """

    labels: torch.Tensor
    allowed: torch.Tensor
    read: torch.Tensor
    answers: torch.Tensor | None = None


def tag_loss(targets: Targets, logits: torch.Tensor, soft: float = 0.0) -> torch.Tensor:
    """Mean loss of `logits` (batch, length, tags) over the tokens with a label, or over all where a teacher answers."""
    masked = logits.masked_fill(~targets.allowed[:, None, :], float("-inf"))
    hard = torch.nn.functional.cross_entropy(masked.flatten(0, 1), targets.labels.flatten(), reduction="none")
    hard, counted = hard.view_as(targets.labels), targets.labels != IGNORED
    if targets.answers is not None:
        distance = -(targets.answers * logits.log_softmax(-1)).sum(-1)
        hard = torch.where(counted, (1 - soft) * hard + soft * distance, distance)
        counted = targets.read
    return hard[counted].sum() / counted.sum().clamp(min=1)
