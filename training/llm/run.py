"""A run from recipe to adapter folder: data, plan, model, training, what was measured before and after."""

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from transformers import EarlyStoppingCallback, PreTrainedTokenizerFast, PrinterCallback, TrainingArguments, set_seed

from schemas.entity import Example
from schemas.errors import DataError, ModelError
from schemas.fingerprint import llm_fingerprint
from schemas.prompt import usual_types
from training.checkpoints import claim, last_checkpoint
from training.llm.base import Loaded, build_model, open_base
from training.llm.batches import Collator, PlannedBatches
from training.llm.callbacks import Progress, StopOnSignal, WarnOfOverfitting
from training.llm.output import Measured, write_output
from training.llm.plan import Draw, Row, make_plan
from training.llm.recipe import Loss, Recipe
from training.llm.rows import Turn, fit, read_examples, read_general
from training.llm.speed import Speed, flops_per_token, measure_peak
from training.llm.trainer import LlmTrainer, Scorer, mean_loss

MakeScorer = Callable[[PreTrainedTokenizerFast, int], Scorer]
"""Gives, for a tokenizer and a batch size, the function that scores a model on examples."""

_CHECKPOINTS = "checkpoints"
_BEFORE = "before.json"
_ARGUMENTS = {field.name for field in fields(TrainingArguments)}
_CHECKPOINTING = "activation_checkpointing" if "activation_checkpointing" in _ARGUMENTS else "gradient_checkpointing"
"""transformers renamed it in 5.2x."""


@dataclass(frozen=True, slots=True)
class _Data:
    """What a run learns from and is measured on; `plan` and `probe` index `rows` and `general`."""

    rows: list[Row]
    plan: list[list[Draw]]
    validation: list[Example]
    general: list[Turn]
    hashes: dict[str, str]


def train(recipe: Recipe, out: Path, make_scorer: MakeScorer | None = None) -> bool:
    """Run `recipe`; write checkpoints and, when it is finished, the adapter to `out`.

    A run that was interrupted goes on from its last whole checkpoint. Without `make_scorer` no entities are scored,
    and the last step's model is kept instead of the one with the best F1. Returns whether the run is finished: False
    after SIGTERM, which writes a checkpoint and stops. Raises ModelError for an unusable base or when `out` holds
    another run, DataError for unusable data, PiiSftError when the loss is not finite.
    """
    loaded = open_base(recipe.base)
    data = _load_data(recipe, loaded)
    claim(out, {"recipe": recipe.model_dump(mode="json"), "data": data.hashes, "fingerprint": llm_fingerprint()})
    set_seed(recipe.optimisation.seed)  # the adapter's first weights are random
    model = build_model(loaded, recipe)
    stop = StopOnSignal()
    trainer = _make_trainer(recipe, out, loaded, data, model, stop, make_scorer)
    before = _measure_before(trainer, loaded, data, out)
    set_seed(recipe.optimisation.seed)  # whatever was measured before must not matter
    trainer.train(resume_from_checkpoint=last_checkpoint(out / _CHECKPOINTS))
    if stop.stopped:
        return False
    after = _measure(trainer, loaded, data)
    measured = Measured(before, after, trainer.state.log_history, data.hashes, len(data.rows))
    if trainer.accelerator.is_main_process:
        write_output(out, trainer.accelerator.unwrap_model(trainer.model), loaded, recipe, measured)
    return True


def _load_data(recipe: Recipe, loaded: Loaded) -> _Data:
    rows: list[Row] = list(fit(read_examples(recipe.data, "train"), loaded.chat, recipe.batches))
    if not rows:
        raise DataError(f"{recipe.data / 'train.jsonl'}: holds no annotated example")
    wanted = recipe.evaluation
    validation = read_examples(recipe.data, "validation")[: wanted.examples] if wanted.examples else []
    general = read_general(recipe.data) if recipe.sampling.general or wanted.general else []
    probe, mixed = general[: wanted.general], general[wanted.general :]
    if recipe.sampling.general and not mixed:
        raise DataError(
            f"{recipe.data / 'general.jsonl'}: holds no dialogue beyond the {wanted.general} for perplexity"
        )
    rows += mixed if recipe.sampling.general else []
    epochs, seed = recipe.optimisation.epochs, recipe.optimisation.seed
    plan = make_plan(rows, recipe.sampling, recipe.batches, epochs, seed)
    names = ("train", "validation", "general")
    files = [path for name in names if (path := recipe.data / f"{name}.jsonl").is_file()]
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return _Data(rows, plan, validation, probe, hashes)


def _validation_batches(data: _Data, recipe: Recipe, loaded: Loaded, collate: Collator) -> PlannedBatches:
    """The validation examples, each asked as serving asks."""
    rows: list[Row] = list(fit(data.validation, loaded.chat, recipe.batches))
    plan = [[Draw(number, usual_types(row))] for number, row in enumerate(rows) if isinstance(row, Example)]
    return PlannedBatches(rows, plan, loaded.chat, collate)


def _make_trainer(
    recipe: Recipe,
    out: Path,
    loaded: Loaded,
    data: _Data,
    model: Any,
    stop: StopOnSignal,
    make_scorer: MakeScorer | None,
) -> LlmTrainer:
    pad = loaded.tokenizer.pad_token_id or 0
    plain = Collator(Loss(), packing=True, pad=pad)
    validation = _validation_batches(data, recipe, loaded, plain)
    scored = make_scorer is not None and bool(data.validation)
    arguments = _arguments(recipe, out, len(data.plan), bool(data.validation), scored)
    patience = recipe.evaluation.patience
    peak = measure_peak(arguments.device, getattr(torch, recipe.base.dtype))
    trainer = LlmTrainer(
        model=model,
        args=arguments,
        train_dataset=PlannedBatches(
            data.rows, data.plan, loaded.chat, Collator(recipe.loss, recipe.batches.packing, pad)
        ),
        eval_dataset=validation if data.validation else None,
        callbacks=[stop, Progress(), WarnOfOverfitting()]
        + ([EarlyStoppingCallback(patience)] if patience and scored else []),
        speed=Speed(flops_per_token(model), peak),
        label_smoothing=recipe.loss.label_smoothing,
        scorer=make_scorer(loaded.tokenizer, recipe.evaluation.batch) if make_scorer else None,
        scored=data.validation,
    )
    trainer.remove_callback(PrinterCallback)
    if scored:
        arguments.load_best_model_at_end = True  # set late: the check on its step counts knows multiples one way only
    return trainer


def _arguments(recipe: Recipe, out: Path, batches: int, validated: bool, scored: bool) -> TrainingArguments:
    settings = recipe.optimisation
    checkpointing: dict[str, Any] = {_CHECKPOINTING: settings.gradient_checkpointing}
    arguments = TrainingArguments(
        output_dir=str(out / _CHECKPOINTS),
        num_train_epochs=1,  # a plan holds all epochs
        per_device_train_batch_size=1,  # a planned batch
        per_device_eval_batch_size=1,
        train_sampling_strategy="sequential",
        learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.schedule,
        warmup_steps=settings.warmup,
        optim=settings.optimiser,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        bf16=recipe.base.dtype == "bfloat16",
        fp16=recipe.base.dtype == "float16",
        use_cpu=not torch.cuda.is_available(),
        logging_steps=recipe.log_every,
        logging_nan_inf_filter=False,
        eval_strategy="steps" if validated else "no",
        eval_steps=recipe.evaluation.every if validated else None,
        metric_for_best_model="f1" if scored else None,
        greater_is_better=True if scored else None,
        save_steps=recipe.save_every,
        save_total_limit=recipe.save_total_limit,
        restore_callback_states_from_checkpoint=True,
        prediction_loss_only=True,
        remove_unused_columns=False,
        disable_tqdm=True,  # our own bar
        report_to=list(recipe.report),
        seed=settings.seed,
        **checkpointing,
    )
    if arguments.n_gpu > 1:
        raise ModelError("several GPUs are visible: start with `accelerate launch`, or set CUDA_VISIBLE_DEVICES to one")
    rounds, left = divmod(recipe.batches.step_examples // recipe.batches.examples, arguments.world_size)
    if left or not rounds:
        raise ModelError(f"batches.step_examples does not divide among {arguments.world_size} processes")
    arguments.gradient_accumulation_steps = rounds
    if settings.steps is not None:
        arguments.max_steps = min(settings.steps, math.ceil(batches / (rounds * arguments.world_size)))
    return arguments


def _measure(trainer: LlmTrainer, loaded: Loaded, data: _Data) -> dict[str, float]:
    """Validation loss, entity scores and the perplexity of general dialogue, with the model as it is."""
    figures = trainer.evaluate() if data.validation else {}
    if data.general:
        plan = [[Draw(number, ())] for number in range(len(data.general))]
        rows: Sequence[Row] = data.general
        batches = PlannedBatches(rows, plan, loaded.chat, Collator(Loss(), packing=True, pad=0))
        figures["general_perplexity"] = math.exp(mean_loss(trainer.model_wrapped, batches, trainer.args.device))
    return {name: value for name, value in figures.items() if name.startswith(("eval_", "general_"))}


def _measure_before(trainer: LlmTrainer, loaded: Loaded, data: _Data, out: Path) -> dict[str, float]:
    """What `_measure` gives before the first step; kept in `out`, so that a resumed run still knows it."""
    path = out / _BEFORE
    if not path.is_file():
        figures = _measure(trainer, loaded, data)
        trainer.accelerator.wait_for_everyone()
        if trainer.accelerator.is_main_process:
            partial = path.with_suffix(".partial")
            partial.write_text(json.dumps(figures), encoding="utf-8")
            partial.replace(path)
        return figures
    figures = json.loads(path.read_text(encoding="utf-8"))
    return {name: float(value) for name, value in figures.items()}
