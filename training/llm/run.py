"""A run from recipe to adapter folder: data, model, training, what was measured before and after."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import parse_flag_from_env
from transformers import (
    EarlyStoppingCallback,
    PreTrainedTokenizerFast,
    PrinterCallback,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from schemas.checkpoint.adapter import ADAPTER_MANIFEST
from schemas.checkpoint.base import OpenedBase, open_base, saving
from schemas.checkpoint.fingerprint import llm_fingerprint
from schemas.files import write_whole
from training.checkpoints import claim, holds, last_checkpoint, weights_digest
from training.llm.arguments import training_arguments
from training.llm.batches import RunData, load_data
from training.llm.callbacks import Progress, StopOnSignal, WarnOfOverfitting
from training.llm.model import build_model
from training.llm.output import Measured, write_output
from training.llm.recipe import LlmRecipe
from training.llm.trainer import TIE_RANGE, LlmTrainer, Scorer, TrainingSpeed, flops_per_token, measure_peak

MakeScorer = Callable[[PreTrainedTokenizerFast, int], Scorer]
"""Gives, for a tokenizer and a batch size, the function that scores a model on examples."""

_CHECKPOINTS = "checkpoints"
_BEFORE = "before.json"
_CHANGEABLE = {"log_every", "report", "save_total_limit"}
"""Settings that may change when a run is resumed."""


def train(recipe: LlmRecipe, out: Path, make_scorer: MakeScorer | None = None) -> bool:
    """Run `recipe`; write checkpoints and, when it is finished, the adapter to `out`.

    A run that was interrupted goes on from its last whole checkpoint, and one that is finished stays as it is. Without
    `make_scorer`, and under FSDP, where no process holds the whole model, no entities are scored, and the last step's
    model is kept instead of the one with the best F1; under FSDP nothing is measured before the run either. Returns
    whether the run is finished: False after SIGTERM, which writes a checkpoint and stops. Raises ModelError for an
    unusable base, when `out` holds another run or cannot be written, DataError for unusable data, PiiSftError when the
    loss is not finite.
    """
    opened = open_base(recipe.base)
    data = load_data(recipe, opened)
    settings = recipe.model_dump(mode="json", exclude=_CHANGEABLE)
    folders = (opened.files["pretrained_model_name_or_path"], recipe.init_adapter)
    weights = [weights_digest(Path(folder)) for folder in folders if folder is not None]
    description = {"recipe": settings, "data": data.hashes, "weights": weights, "fingerprint": llm_fingerprint()}
    if holds(out, description) and is_finished(out):
        return True
    sharded = parse_flag_from_env("ACCELERATE_USE_FSDP")
    scored = make_scorer is not None and bool(data.scored) and not sharded
    arguments = training_arguments(recipe, out / _CHECKPOINTS, len(data.train), len(data.validation) > 0, scored)
    set_seed(recipe.optimisation.seed)  # the adapter's first weights are random
    model = build_model(opened, recipe)
    claim(out, description)  # late, so that a run that cannot start claims nothing
    stop, progress = StopOnSignal(), Progress()
    scorer = make_scorer(opened.tokenizer, recipe.evaluation.batch) if make_scorer and scored else None
    trainer = _make_trainer(recipe, arguments, data, model, [stop, progress, WarnOfOverfitting()], scorer)
    before = {} if sharded else _measure_before(trainer, out)
    set_seed(recipe.optimisation.seed)  # whatever was measured before must not matter
    with closing(progress):
        trainer.train(resume_from_checkpoint=last_checkpoint(out / _CHECKPOINTS))
    if stop.stopped:
        return False
    kept = (trainer.state.best_global_step if scored else None) or trainer.state.global_step
    measured = Measured(before, trainer.measure(), trainer.state.log_history, data.hashes, data.rows, kept)
    _write(trainer, opened, recipe, measured, out)
    return True


def is_finished(out: Path) -> bool:
    """Whether `out` holds the model of a finished run."""
    return (out / ADAPTER_MANIFEST).exists()


def _make_trainer(
    recipe: LlmRecipe,
    arguments: TrainingArguments,
    data: RunData,
    model: Any,
    callbacks: list[TrainerCallback],
    scorer: Scorer | None,
) -> LlmTrainer:
    if recipe.evaluation.patience and scorer:
        callbacks = [*callbacks, EarlyStoppingCallback(recipe.evaluation.patience, TIE_RANGE)]
    peak = measure_peak(arguments.device, getattr(torch, recipe.base.dtype))
    trainer = LlmTrainer(
        model=model,
        args=arguments,
        data=data,
        callbacks=callbacks,
        speed=TrainingSpeed(flops_per_token(model), peak, arguments.world_size),
        label_smoothing=recipe.loss.label_smoothing,
        scorer=scorer,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _measure_before(trainer: LlmTrainer, out: Path) -> dict[str, float]:
    """What the trainer measures before the first step; kept in `out`, so that a resumed run still knows it."""
    path = out / _BEFORE
    if path.is_file():
        return {name: float(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}
    figures = trainer.measure()
    trainer.accelerator.wait_for_everyone()
    if trainer.accelerator.is_main_process:
        write_whole(path, json.dumps(figures))
    return figures


def _write(trainer: LlmTrainer, opened: OpenedBase, recipe: LlmRecipe, measured: Measured, out: Path) -> None:
    """Write the finished model; all processes take part, since under FSDP each holds a share of it."""
    state = trainer.accelerator.get_state_dict(trainer.model_wrapped)
    if trainer.accelerator.is_main_process:
        with saving(out):
            write_output(out, trainer.accelerator.unwrap_model(trainer.model), state, opened, recipe, measured)
    trainer.accelerator.wait_for_everyone()
