"""The whole of an evaluation: predict, measure speed, score; everything that was done before is kept."""

import hashlib
import json
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from eval.dataset import Dataset
from eval.figures import Figures, Scores, report_figures
from eval.latency import measure_latency, sample
from eval.memory import peak_mb, reset_peak, resident_mb
from eval.predict import predict
from eval.prediction_cache import Run, read_predictions
from eval.system import System
from eval.tally import Tally
from schemas.errors import DataError
from schemas.files import write_whole
from schemas.taxonomy import EntityType

Progress = Callable[[str, int, int], None]
"""Hears the spec, how many texts are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is evaluated, and how.

    `types` are looked for; `out` takes the predictions, which are kept there and not made again. Latency is measured
    for about `seconds` for each number of callers, not at all when 0. With `show_text` errors come with stretches of
    text. `general` are texts on which the perplexity of fine-tuned LLMs is measured.
    """

    gold: Dataset
    types: tuple[EntityType, ...]
    out: Path
    seconds: float = 10.0
    show_text: bool = False
    general: tuple[str, ...] = ()


def evaluate(plan: Plan, specs: Sequence[str], load: Callable[[str], System], progress: Progress) -> Figures:
    """Predict and score with every detector of `specs`, and return the figures of the report.

    Raises PiiSftError when a detector or a kept file cannot be used.
    """
    (plan.out / "predictions").mkdir(parents=True, exist_ok=True)
    return report_figures(plan.gold, plan.types, [_scores(plan, spec, load, progress) for spec in specs])


def _scores(plan: Plan, spec: str, load: Callable[[str], System], progress: Progress) -> Scores:
    reset_peak()
    before, start = resident_mb(), time.perf_counter()
    loaded = load(spec)
    seconds = time.perf_counter() - start
    gold, path = plan.gold, plan.out / "predictions" / f"{file_name(spec)}.jsonl"
    header = _speed_header(plan, loaded)
    speed = _kept_speed(path.with_suffix(".speed.json"), header)
    if speed is None:
        # what can fail comes before what takes long
        perplexity = loaded.perplexities(plan.general) if loaded.perplexities and plan.general else None
    run = Run(spec, loaded.identity, gold.digest, plan.types)
    if not loaded.random:
        predict(gold, loaded, path, run, lambda done: progress(spec, done, gold.texts))
    if speed is None:
        speed = {"load_s": seconds, "perplexity": perplexity, "price": loaded.price, **_latency(plan, loaded)}
        speed |= {"memory_mb": peak_mb() - before, "gpu_mb": loaded.gpu_mb() if loaded.gpu_mb else None}
        write_whole(path.with_suffix(".speed.json"), json.dumps({"of": header, "speed": speed}, indent=1) + "\n")
    if loaded.random:
        return Scores(spec, loaded.description, None, speed)
    tally = Tally(plan.types, plan.show_text)
    for example, reply, taken in read_predictions(path, run, gold):
        tally.add(example, reply, taken)
    return Scores(spec, loaded.description, tally, speed)


def file_name(spec: str) -> str:
    """A file's name for the detector `spec`: what is readable of it, and a digest that tells it from others."""
    readable = re.sub(r"[^\w.-]+", "-", spec)[-60:].strip("-.")
    return f"{readable}-{hashlib.sha256(spec.encode()).hexdigest()[:8]}"


def _latency(plan: Plan, loaded: System) -> dict[str, Any]:
    if not plan.seconds:
        return {"latency": None, "environment": environment()}
    texts = sample((example.document.text for example in plan.gold), plan.gold.texts)
    latency = measure_latency(loaded.candidate, texts, plan.types, plan.seconds)
    return {"latency": latency, "environment": environment()}


def _speed_header(plan: Plan, loaded: System) -> dict[str, Any]:
    """What a measured speed depends on: kept ones of something else are measured again."""
    general = hashlib.sha256("\n".join(plan.general).encode()).hexdigest()
    types = [str(kind) for kind in plan.types]
    return {
        "identity": loaded.identity,
        "data": plan.gold.digest,
        "types": types,
        "seconds": plan.seconds,
        "general": general,
    }


def _kept_speed(path: Path, header: dict[str, Any]) -> dict[str, Any] | None:
    """What was measured before of the same thing. Raises DataError when `path` is no such file."""
    if not path.exists():
        return None
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        speed: dict[str, Any] = kept["speed"]
        return speed if kept["of"] == header else None
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{path}: not a file of measured speeds; remove it") from None


def environment() -> dict[str, Any]:
    """The machine and the versions that speeds were measured with."""
    info = Path("/proc/cpuinfo")
    models = re.findall(r"model name\s*: (.*)", info.read_text(encoding="utf-8")) if info.exists() else []
    found = {
        "cpu": models[0] if models else platform.processor(),
        "cpu_threads": os.cpu_count(),
        "python": platform.python_version(),
        "pii-sft": version("pii-sft"),
        "onnxruntime": version("onnxruntime"),
    }
    torch = sys.modules.get("torch")  # only where the detector has loaded it
    if torch is not None:
        found["torch"] = str(torch.__version__)
        if torch.cuda.is_available():
            found["gpu"] = torch.cuda.get_device_name()
    return found
