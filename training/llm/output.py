"""What a finished run leaves: weights, manifest, recipe, curves and a card."""

import platform
import resource
import shutil
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import matplotlib
import torch
import yaml
from peft import PeftModel

from schemas.checkpoint.adapter import AdapterManifest
from schemas.checkpoint.base import OpenedBase, absolute
from training.llm.recipe import LlmRecipe

matplotlib.use("Agg")
from matplotlib import pyplot

_PACKAGES = ("torch", "transformers", "peft", "accelerate", "pii-sft")
_NAMES = {
    "eval_loss": "validation loss",
    "eval_precision": "entity precision",
    "eval_recall": "entity recall",
    "eval_f1": "entity F1",
    "eval_perplexity": "perplexity of general dialogue",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a run.

    Those before and after, everything that was logged, the hashes of the data, the number of rows, the step kept.
    """

    before: dict[str, float]
    after: dict[str, float]
    history: list[dict[str, float]]
    hashes: dict[str, str]
    rows: int
    step: int


def write_output(
    out: Path, model: Any, state: dict[str, torch.Tensor], opened: OpenedBase, recipe: LlmRecipe, measured: Measured
) -> None:
    """Write the finished model to `out`.

    These are safetensors, the tokenizer with its chat template, `recipe.yaml`, `curves.png`, `README.md`, and the
    manifest last. `state` are the weights of `model`, from all processes. A folder with a manifest is complete.
    """
    partial = out / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    if isinstance(model, PeftModel):
        for config in model.peft_config.values():
            config.base_model_name_or_path = absolute(config.base_model_name_or_path or recipe.base.model)
    model.save_pretrained(partial, state_dict=state)
    opened.save_tokenizer(partial)
    details = _details(model, measured)
    (partial / "recipe.yaml").write_text(
        yaml.safe_dump(recipe.model_dump(mode="json"), allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    _plot(measured.history, partial / "curves.png")
    (partial / "README.md").write_text(_card(recipe, details), encoding="utf-8")
    for path in partial.iterdir():
        path.replace(out / path.name)
    partial.rmdir()
    AdapterManifest(recipe.base, recipe.adapter is not None, details).write(out)


def _details(model: Any, measured: Measured) -> dict[str, Any]:
    trained, every = _parameters(model)
    speeds = [entry["tokens_per_second"] for entry in measured.history if "tokens_per_second" in entry]
    return {
        "trained_parameters": trained,
        "all_parameters": every,
        "rows": measured.rows,
        "kept_step": measured.step,
        "data": measured.hashes,
        "before": measured.before,
        "after": measured.after,
        "tokens_per_second": sorted(speeds)[len(speeds) // 2] if speeds else None,
        "seconds": round(sum(entry.get("seconds", 0.0) for entry in measured.history), 1),
        "hardware": torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU {platform.machine()}",
        "peak_memory_gb": round(_peak_memory(), 2),
        "versions": {name: version(name) for name in _PACKAGES},
        "commit": _commit(),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _parameters(model: Any) -> tuple[int, int]:
    """Numbers of trained parameters and of all; peft knows that a weight in 4 bits is half a byte."""
    if isinstance(model, PeftModel):
        trained, every = model.get_nb_trainable_parameters()
        return int(trained), int(every)
    counts = [parameter.numel() for parameter in model.parameters()]
    return sum(counts), sum(counts)


def _peak_memory() -> float:
    """In gigabytes: of the GPU where there is one, else of the process."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def _commit() -> str | None:
    """The commit of the code, when it runs from a checkout."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed arguments
    return done.stdout.strip() or None


def _plot(history: list[dict[str, float]], path: Path) -> None:
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4))
    for axes, names in ((left, ("loss", "eval_loss")), (right, ("eval_precision", "eval_recall", "eval_f1"))):
        for name in names:
            points = [(entry["step"], entry[name]) for entry in history if name in entry]
            if points:
                axes.plot(*zip(*points, strict=True), label=_NAMES.get(name, "training loss"))
        axes.set_xlabel("step")
        if axes.has_data():
            axes.legend()
    left.set_yscale("log")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _card(recipe: LlmRecipe, details: dict[str, Any]) -> str:
    before, after = details["before"], details["after"]
    rows = [
        f"| {title} | {before.get(name, float('nan')):.4f} | {after[name]:.4f} |\n"
        for name, title in _NAMES.items()
        if name in after
    ]
    share = details["trained_parameters"] / details["all_parameters"]
    library = "transformers" if recipe.adapter is None else "peft"
    return (
        f"---\nlibrary_name: {library}\nbase_model: {recipe.base.model}\nlanguage: [zh, en]\ntags: [pii, ner]\n---\n\n"
        "# Finds personal data in Chinese and English text\n\n"
        f"Made by pii-sft from `{recipe.base.model}` with {details['rows']} rows; the recipe is in "
        "`recipe.yaml`, hashes and versions are in `pii-sft.json`.\n\n"
        f"Trained parameters: {details['trained_parameters']:,} of {details['all_parameters']:,} ({share:.2%}). "
        f"Peak memory {details['peak_memory_gb']} GB on {details['hardware']}.\n\n"
        f"The model of step {details['kept_step']} was kept{_of_entities(after)}.\n\n"
        f"| on {recipe.evaluation.examples} validation examples at most | before | after |\n|---|---|---|\n"
        + "".join(rows)
        + "\n![curves](curves.png)\n\n"
        "It answers the question that `schemas.llm.prompt` builds, decoded under the grammar of pii-sft's LLM engine.\n"
    )


def _of_entities(after: dict[str, float]) -> str:
    entities = after.get("eval_entities")
    return "" if entities is None else f": the best on {entities:.0f} entities of validation examples"
