"""Fine-tunes an encoder as a BIOES token classifier with transformers' Trainer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import PreTrainedModel, Trainer, TrainingArguments, set_seed

from schemas.checkpoint.tagger_manifest import TaggerManifest, WindowConfig
from schemas.errors import ModelError
from schemas.spans.entity import Document, Example
from schemas.tagger.lexicon import LEXICON, Lexicon
from training.checkpoints import claim, last_checkpoint
from training.tagger.features import IGNORED, WindowCollator, featurize
from training.tagger.lexicon import build_lexicon
from training.tagger.model import keep_layers, load_encoder, tag_logits
from training.tagger.recipe import TaggerRecipe
from training.tagger.tokenizer import load_tokenizer


class MaskedTrainer(Trainer):
    """Cross-entropy over the tags that each row's source can teach; all other tags are left out of its softmax.

    With a teacher, a share `soft` of the loss is the cross-entropy against its probabilities of all tags, and the whole
    loss of rows without labels (Hinton et al. 2015, https://arxiv.org/abs/1503.02531).
    """

    _teacher: torch.nn.Module | None = None
    _soft = 0.0

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
        """Mean loss over the batch's tokens (and the logits when asked for)."""
        allowed, labels = inputs.pop("allowed"), inputs.pop("labels")
        logits = tag_logits(model, **inputs).float()
        answers = None
        if self._teacher is not None and model.training:
            with torch.no_grad():
                answers = tag_logits(self._teacher, **inputs).float().softmax(-1)
        loss = tag_loss(Targets(labels, allowed, inputs["attention_mask"] > 0, answers), logits, self._soft)
        return (loss, {"logits": logits}) if return_outputs else loss


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


Epoch = Callable[[int], Iterable[Example]]
"""The examples of an epoch by its number, the first of which is 0."""


@dataclass(frozen=True, slots=True)
class TaggerData:
    """The examples of each epoch, those that measure the tagger, and texts that only its teacher marks."""

    train: Epoch
    validation: Iterable[Example]
    unlabelled: Sequence[str] = ()


def train_tagger(base: Path, data: TaggerData, out: Path, recipe: TaggerRecipe, teacher: Path | None = None) -> None:
    """Fine-tune the encoder in `base` on all epochs of `data`, write checkpoints and the finished model to `out`.

    A base that is a tagger keeps its head and its lexicon: tags that it does not have yet begin as random weights.
    Texts without labels are read in every epoch, and the `teacher`, a tagger of the same tags, marks them and all
    others. A run that was interrupted goes on from its last checkpoint. The folder holds 16-bit safetensors weights,
    the tokenizer, the lexicon and a manifest with recipe and contract fingerprint. Raises ModelError for an unusable
    base or teacher, or when `out` holds another run.
    """
    set_seed(recipe.seed)  # the new head's first weights are random
    tokenizer = load_tokenizer(base)
    window = WindowConfig(recipe.window, recipe.overlap, *_special_ids(tokenizer, base))
    model = load_encoder(base, hidden_dropout_prob=recipe.dropout, attention_probs_dropout_prob=recipe.dropout)
    if recipe.layers is not None:
        keep_layers(model, recipe.layers)
    lexicon = Lexicon.read(base) if (base / LEXICON).exists() else build_lexicon()
    examples = (data.train(number) for number in range(recipe.epochs))
    unlabelled = [Example(Document("unlabelled", text), (), "unlabelled", annotated=()) for text in data.unlabelled]
    rows = chain.from_iterable(chain(epoch, unlabelled) for epoch in examples)
    train, validation = (list(featurize(each, tokenizer, lexicon, window)) for each in (rows, data.validation))
    names = {"base": base.name, "teacher": teacher.name if teacher else None}
    claim(out, {**names, "recipe": recipe.model_dump(), "windows": [len(train), len(validation)]})
    trainer = MaskedTrainer(
        model=model,
        args=_arguments(out, recipe, recipe.steps or -(-len(train) // recipe.batch)),
        train_dataset=train,
        eval_dataset=validation,
        data_collator=WindowCollator(window.pad),
    )
    if teacher is not None:
        trainer.teach(load_encoder(teacher), recipe.soft)
    trainer.train(resume_from_checkpoint=last_checkpoint(out))
    _save(model, out)
    tokenizer.save(str(out / "tokenizer.json"))
    lexicon.write(out)
    TaggerManifest(window, lexicon.digest, recipe.model_dump()).write(out)


def _save(model: PreTrainedModel, out: Path) -> None:
    weights: torch.nn.Module = model
    weights.half()
    model.save_pretrained(out)


def _special_ids(tokenizer: Any, base: Path) -> tuple[int, int, int]:
    ids = [tokenizer.token_to_id(token) for token in ("<s>", "</s>", "<pad>")]
    if None in ids:
        raise ModelError(f"{base}: the tokenizer lacks <s>, </s> or <pad>; an XLM-R style vocabulary is needed")
    return ids[0], ids[1], ids[2]


def _arguments(out: Path, recipe: TaggerRecipe, steps: int) -> TrainingArguments:
    decay = min(round(steps * recipe.decay), steps - recipe.warmup_steps)
    return TrainingArguments(
        output_dir=str(out),
        max_steps=steps,
        per_device_train_batch_size=recipe.batch,
        per_device_eval_batch_size=recipe.batch,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="warmup_stable_decay",
        lr_scheduler_kwargs={"num_decay_steps": max(decay, 0), "decay_type": "linear"},
        warmup_steps=recipe.warmup_steps,
        weight_decay=recipe.weight_decay,
        train_sampling_strategy="group_by_length",
        bf16=_has_bf16(),
        use_cpu=not torch.cuda.is_available(),
        logging_steps=20,
        eval_strategy="steps",
        eval_steps=recipe.save_steps,
        save_steps=recipe.save_steps,
        save_total_limit=2,
        remove_unused_columns=False,
        report_to=[],
        seed=recipe.seed,
    )


def _has_bf16() -> bool:
    """Whether the GPU, or a CPU where there is none, computes bfloat16 itself; elsewhere it is slower than float32."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
