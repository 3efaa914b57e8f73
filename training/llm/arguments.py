"""A recipe as transformers' TrainingArguments."""

import math
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments

from schemas.errors import ModelError
from training.llm.recipe import LlmRecipe
from training.llm.trainer import BEST

_NAMES = {field.name for field in fields(TrainingArguments)}
_CHECKPOINTING = "activation_checkpointing" if "activation_checkpointing" in _NAMES else "gradient_checkpointing"
"""transformers renamed it between 5.17 and 5.24."""


def training_arguments(
    recipe: LlmRecipe, checkpoints: Path, batches: int, validated: bool, scored: bool
) -> TrainingArguments:
    """The arguments of a run over `batches` planned batches, whose checkpoints go to `checkpoints`.

    `validated` says whether there is validation data, `scored` whether entities are scored on it. Raises ModelError
    when the recipe does not fit the machine's devices or names a tracker that is not installed.
    """
    if missing := [name for name in recipe.report if find_spec(name) is None]:
        raise ModelError(f"report: the package {missing[0]} is not installed")
    arguments = TrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=1,  # a plan holds all epochs
        per_device_train_batch_size=1,  # a planned batch
        train_sampling_strategy="sequential",
        use_cpu=not torch.cuda.is_available(),
        bf16=recipe.base.dtype == "bfloat16",
        fp16=recipe.base.dtype == "float16",
        logging_steps=recipe.log_every,
        logging_nan_inf_filter=False,  # such a loss ends the run
        save_steps=recipe.save_every,
        save_total_limit=recipe.save_total_limit,
        restore_callback_states_from_checkpoint=True,
        remove_unused_columns=False,
        disable_tqdm=True,  # there is a bar of our own
        report_to=list(recipe.report),
        **_optimisation(recipe),
        **_evaluation(recipe, validated, scored),
    )
    arguments.load_best_model_at_end = scored  # set late: at first it would ask that save_every be a multiple of every
    _fit_to_devices(arguments, recipe, batches)
    return arguments


def _optimisation(recipe: LlmRecipe) -> dict[str, Any]:
    settings = recipe.optimisation
    return {
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": settings.schedule,
        "warmup_steps": settings.warmup,
        "optim": settings.optimiser,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.max_grad_norm,
        "seed": settings.seed,
        _CHECKPOINTING: settings.gradient_checkpointing,
    }


def _evaluation(recipe: LlmRecipe, validated: bool, scored: bool) -> dict[str, Any]:
    best = {"metric_for_best_model": BEST, "greater_is_better": True} if scored else {}
    return {"eval_strategy": "steps", "eval_steps": recipe.evaluation.every, **best} if validated else {}


def _fit_to_devices(arguments: TrainingArguments, recipe: LlmRecipe, batches: int) -> None:
    """Divide a step's examples among the processes, in as many rounds as it takes."""
    if arguments.n_gpu > 1:
        raise ModelError("several GPUs are visible: start with `accelerate launch`, or set CUDA_VISIBLE_DEVICES to one")
    rounds, left = divmod(recipe.batches.step_examples // recipe.batches.examples, arguments.world_size)
    if left or not rounds:
        raise ModelError(f"batches.step_examples does not divide among {arguments.world_size} processes")
    arguments.gradient_accumulation_steps = rounds
    if recipe.optimisation.steps is not None:
        arguments.max_steps = min(recipe.optimisation.steps, math.ceil(batches / (rounds * arguments.world_size)))
