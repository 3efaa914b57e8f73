"""`pii-sft train`: fine-tunes a causal language model with a recipe."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.shared.parser import Commands

if TYPE_CHECKING:
    from training.llm.recipe import LlmRecipe


def add_parser(commands: Commands) -> None:
    """Add the command `train`."""
    parser = commands.add_parser("train", help="fine-tune an LLM with LoRA, QLoRA or as a whole")
    help_recipe = "qwen2-1.5b-lora or another shipped recipe, or a YAML file"
    parser.add_argument("--recipe", required=True, metavar="FILE", help=help_recipe)
    help_out = "folder for checkpoints and the adapter; an interrupted run resumes there (default: run)"
    parser.add_argument("--out", type=Path, default=Path("run"), metavar="DIR", help=help_out)
    help_dry = "do not train; show parameters, memory without activations, rows, tokens, time, and one example"
    parser.add_argument("--dry-run", action="store_true", help=help_dry)
    help_overrides = "changes to the recipe, such as data=folder base.model=folder optimisation.epochs=1"
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help=help_overrides)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    from pii_sft.scoring import make_scorer
    from serving.engines.llm.adapters import find_adapter
    from training.llm.recipe import load_recipe
    from training.llm.run import is_finished, train

    recipe = load_recipe(arguments.recipe, arguments.overrides)
    if recipe.init_adapter is not None:
        recipe = recipe.model_copy(update={"init_adapter": find_adapter(recipe.init_adapter)})
    if arguments.dry_run:
        _say(recipe)
        return
    before = is_finished(arguments.out)
    if not train(recipe, arguments.out, make_scorer):
        print(f"{arguments.out}: stopped after a checkpoint; repeat the command to resume")
    elif before:
        print(f"{arguments.out}: this run is finished already; to train on, take another folder and init_adapter=DIR")
    else:
        print(f"{arguments.out}: finished")


def _say(recipe: LlmRecipe) -> None:
    from schemas.checkpoint.base import open_base
    from training.llm.model import footprint
    from training.llm.preview import preview

    opened = open_base(recipe.base)
    needs = footprint(opened, recipe)
    print(f"trained parameters: {needs.trained:,} of {needs.all:,} ({needs.share:.2%})")
    print(f"file of the trained weights: {needs.adapter_bytes / 1e6:.1f} MB")
    frozen, trained = needs.frozen_bytes / 1e9, needs.trained_bytes / 1e9
    print(f"memory: {frozen:.2f} GB frozen weights + {trained:.2f} GB trained weights, gradients and moments")
    if not recipe.data.exists():
        print(f"{recipe.data}: no such folder; when the data is there, this shows rows, tokens, time and an example")
        return
    seen = preview(recipe, opened, needs.flops_per_token)
    print(f"rows: {seen.rows:,} from {seen.examples:,} examples (long ones are split) and general dialogue")
    print(f"steps: {seen.steps:,}, about {seen.tokens:,} tokens, {seen.taught / seen.tokens:.1%} of them taught")
    print(f"longest row: about {seen.longest:,} of at most {recipe.batches.max_tokens:,} tokens")
    print(f"time: at least {_duration(seen.seconds)} on this machine; a run shows its share of that speed as mfu")
    print(
        f"\nAn example as the model sees it. The question:\n{seen.question}\nThe answer that is taught:\n{seen.answer}"
    )


def _duration(seconds: float) -> str:
    """`seconds` in the largest unit that fits."""
    size, unit = next((pair for pair in ((3600, "h"), (60, "min")) if seconds >= pair[0]), (1, "s"))
    return f"{seconds / size:.1f} {unit}"
