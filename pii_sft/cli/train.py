"""`pii-sft train`: fine-tunes a causal language model with a recipe."""

import argparse
from pathlib import Path

from pii_sft.cli.parser import Commands


def add_parser(commands: Commands) -> None:
    """Add the command `train`."""
    parser = commands.add_parser("train", help="fine-tune an LLM with LoRA, QLoRA or as a whole")
    help_recipe = "qwen2-1.5b-lora or another shipped recipe, or a YAML file"
    parser.add_argument("--recipe", required=True, metavar="FILE", help=help_recipe)
    help_out = "folder for checkpoints and the adapter; a run that was interrupted goes on"
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=help_out)
    help_overrides = "changes to the recipe, such as data=folder base.model=folder optimisation.epochs=1"
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help=help_overrides)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    from training.llm.recipe import load_recipe

    recipe = load_recipe(arguments.recipe, arguments.overrides)

    from pii_sft.llm import make_scorer
    from training.llm.run import train

    if train(recipe, arguments.out, make_scorer):
        print(f"{arguments.out}: finished")
    else:
        print(f"{arguments.out}: stopped after a checkpoint; the same command goes on")
