"""What tests of whole runs share."""

from pathlib import Path

import torch
from safetensors.torch import load_file

from training.llm.recipe import LlmRecipe, load_recipe

ROOT = Path(__file__).parents[3]
QUICK = ["optimisation.steps=12", "evaluation.every=6", "save_every=3", "log_every=1", "report=[]"]


def recipe(data: Path, *overrides: str) -> LlmRecipe:
    """The smoke recipe on `data`."""
    return load_recipe("smoke", [f"data={data}", *overrides])


def same_weights(first: Path, second: Path) -> bool:
    """Whether two folders hold the same adapter."""
    left, right = (load_file(folder / "adapter_model.safetensors") for folder in (first, second))
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)
