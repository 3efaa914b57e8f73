"""Speed and peak memory of the shipped recipes on this machine, each in a process of its own.

    python scripts/bench_training.py --model FOLDER --data FOLDER [--steps 30] [--recipes qwen2-1.5b-lora ...]

Prints a table, and one JSON line last.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_RECIPES = ("qwen2-1.5b-lora", "qwen2-1.5b-qlora", "qwen2-1.5b-full-targets", "qwen2-1.5b-light")
_COLUMNS = ("tokens_per_second", "peak_memory_gb", "trained_parameters", "all_parameters")


def run_recipe(recipe: str, model: str, data: str, steps: int) -> dict[str, Any]:
    """Train `steps` steps of `recipe` on another base and return its manifest."""
    with tempfile.TemporaryDirectory() as folder:
        settings = [f"base.model={model}", "base.revision=null", f"data={data}", f"optimisation.steps={steps}"]
        settings += ["evaluation.examples=0", "log_every=5", "report=[]"]
        command = [sys.executable, "-m", "pii_sft", "train", "--recipe", recipe, "--out", folder, *settings]
        subprocess.run(command, check=True)
        manifest: dict[str, Any] = json.loads((Path(folder) / "pii-sft.json").read_text(encoding="utf-8"))
    return manifest


def main() -> None:
    """Run the recipes one after the other and print what their manifests say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--recipes", nargs="+", default=_RECIPES)
    arguments = parser.parse_args()
    figures = {}
    for recipe in arguments.recipes:
        manifest = run_recipe(recipe, arguments.model, arguments.data, arguments.steps)
        figures[recipe] = {column: manifest[column] for column in (*_COLUMNS, "hardware")}
    print(f"{'recipe':<28}" + "".join(f"{column:>20}" for column in _COLUMNS))
    for recipe, row in figures.items():
        print(f"{recipe:<28}" + "".join(f"{row[column]:>20,.2f}" for column in _COLUMNS))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
