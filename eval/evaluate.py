"""The whole of an evaluation: predict, measure speed, score; everything that was done before is kept."""

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.dataset import Dataset
from eval.figures import (
    FORMAT,
    REPORT_FILE,
    Comparison,
    DatasetFigures,
    Figures,
    Intervals,
    Latency,
    Perplexity,
    ScoredSystem,
    Speed,
    UnscoredSystem,
    read_figures,
)
from eval.prediction.predict import predict
from eval.prediction.prediction_cache import Run, read_predictions
from eval.scores.bootstrap import Interval, difference, intervals, resampled
from eval.scores.tally import Tally
from eval.speed.latency import measure_latency, sample
from eval.speed.machine import environment, peak_mb, reset_peak, resident_mb
from eval.system import System
from eval.validation import Model, parse
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

    dataset: Dataset
    types: tuple[EntityType, ...]
    out: Path
    seconds: float = 10.0
    show_text: bool = False
    general: tuple[str, ...] = ()


class _SpeedKey(Model):
    """What a measured speed depends on: kept ones of something else are measured again."""

    identity: str
    data: str
    types: tuple[str, ...]
    seconds: float
    general: str


class _SpeedFile(Model):
    of: _SpeedKey
    speed: Speed


@dataclass(frozen=True, slots=True)
class _Measured:
    """A system's spec and description, its scores (None of random weights), and its speed."""

    spec: str
    description: str
    tally: Tally | None
    speed: Speed


def evaluate(plan: Plan, specs: Sequence[str], load: Callable[[str], System], progress: Progress) -> Figures:
    """Predict and score with every system of `specs`, and return the figures of the report.

    Raises PiiSftError when a system or a kept file cannot be used, and DataError when `plan.out` holds a report that
    the new one would not contain.
    """
    _check_report(plan, specs)
    (plan.out / "predictions").mkdir(parents=True, exist_ok=True)
    measured = [_measure(plan, spec, load, progress) for spec in specs]
    detectors, differences = _scored([(system, system.tally) for system in measured if system.tally])
    random = [
        UnscoredSystem(spec=system.spec, description=system.description, speed=system.speed, batch=None, answers=None)
        for system in measured
        if not system.tally
    ]
    dataset = plan.dataset
    return Figures(
        format=FORMAT,
        data=DatasetFigures(
            sha256=dataset.digest, texts=dataset.texts, characters=dataset.characters, entities=dataset.entities
        ),
        types=tuple(str(kind) for kind in plan.types),
        detectors=tuple(detectors),
        differences=tuple(differences),
        random=tuple(random),
    )


def _check_report(plan: Plan, specs: Sequence[str]) -> None:
    """Raise DataError when `plan.out` holds a report of other data, types or detectors, which would be lost."""
    if not (plan.out / REPORT_FILE).exists():
        return
    kept = read_figures(plan.out)
    if kept.data.sha256 != plan.dataset.digest:
        lost = "other data"
    elif kept.types != tuple(str(kind) for kind in plan.types):
        lost = "other types"
    elif missing := [system.spec for system in kept.systems if system.spec not in specs]:
        lost = f"{', '.join(missing)}, not named now"
    else:
        return
    raise DataError(f"{plan.out}: holds a report of {lost}; choose another folder")


def _scored(systems: Sequence[tuple[_Measured, Tally]]) -> tuple[list[ScoredSystem], list[Comparison]]:
    """The figures of the systems, and the differences of all others to the first."""
    if not systems:
        return [], []
    counts = [tally.strict_by_text() for _, tally in systems]
    samples = resampled(counts)
    ranges = intervals(samples)
    detectors = [_scored_system(system, tally, part) for (system, tally), part in zip(systems, ranges, strict=True)]
    specs = [system.spec for system, _ in systems]
    return detectors, [_comparison(specs, samples, counts, number) for number in range(1, len(specs))]


def _scored_system(system: _Measured, tally: Tally, ranges: Mapping[str, Interval]) -> ScoredSystem:
    curve, points = tally.thresholds()
    return ScoredSystem(
        spec=system.spec,
        description=system.description,
        scores=tally.scores(),
        intervals=Intervals(**ranges),
        clean=tally.clean(),
        clean_by_source=tally.clean_by_source(),
        slices=tally.slices(),
        calibration=tally.calibration(),
        curve=curve,
        operating_points=points,
        errors=tally.errors(),
        answers=tally.answers(),
        batch=tally.batch(),
        speed=system.speed,
    )


def _comparison(
    specs: Sequence[str], samples: NDArray[np.float64], counts: Sequence[NDArray[np.int64]], number: int
) -> Comparison:
    gaps = difference(samples, counts, 0, number)
    return Comparison(first=specs[0], second=specs[number], **{name: astuple(gap) for name, gap in gaps.items()})


def _measure(plan: Plan, spec: str, load: Callable[[str], System], progress: Progress) -> _Measured:
    reset_peak()
    before, start = resident_mb(), time.perf_counter()
    system = load(spec)
    load_s = time.perf_counter() - start
    dataset, path = plan.dataset, plan.out / "predictions" / f"{file_name(spec)}.jsonl"
    key, speed_path = _speed_key(plan, system), path.with_suffix(".speed.json")
    speed = _kept_speed(speed_path, key)
    if speed is None:
        # what can fail comes before what takes long
        perplexity = _perplexity(system, plan.general)
    run = Run(spec, system.identity, dataset.digest, plan.types)
    if not system.random:
        predict(dataset, system, path, run, lambda done: progress(spec, done, dataset.texts))
    if speed is None:
        latency = _latency(plan, system) if plan.seconds else None
        speed = Speed(
            load_s=load_s,
            perplexity=perplexity,
            price=system.price,
            latency=latency,
            environment=environment(),
            memory_mb=peak_mb() - before,
            gpu_mb=system.gpu_mb() if system.gpu_mb else None,
        )
        write_whole(speed_path, _SpeedFile(of=key, speed=speed).model_dump_json(indent=1) + "\n")
    if system.random:
        return _Measured(spec, system.description, None, speed)
    tally = Tally(plan.types, plan.show_text)
    for example, reply, seconds in read_predictions(path, run, dataset):
        tally.add(example, reply, seconds)
    return _Measured(spec, system.description, tally, speed)


def file_name(spec: str) -> str:
    """A file's name for the system `spec`: what is readable of it, and a digest that tells it from others."""
    readable = re.sub(r"[^\w.-]+", "-", spec)[-60:].strip("-.")
    return f"{readable}-{hashlib.sha256(spec.encode()).hexdigest()[:8]}"


def _latency(plan: Plan, system: System) -> Latency:
    texts = sample((example.document.text for example in plan.dataset), plan.dataset.texts)
    return measure_latency(system.candidate, texts, plan.types, plan.seconds)


def _perplexity(system: System, texts: Sequence[str]) -> dict[str, Perplexity] | None:
    if not (system.perplexities and texts):
        return None
    return {language: Perplexity.model_validate(row) for language, row in system.perplexities(texts).items()}


def _speed_key(plan: Plan, system: System) -> _SpeedKey:
    return _SpeedKey(
        identity=system.identity,
        data=plan.dataset.digest,
        types=tuple(str(kind) for kind in plan.types),
        seconds=plan.seconds,
        general=hashlib.sha256("\n".join(plan.general).encode()).hexdigest(),
    )


def _kept_speed(path: Path, key: _SpeedKey) -> Speed | None:
    """What was measured before of the same thing. Raises DataError when `path` is no such file."""
    if not path.exists():
        return None
    try:
        kept = parse(_SpeedFile, path.read_bytes(), str(path))
    except DataError as error:
        raise DataError(f"{error}; not a file of measured speeds, remove it") from None
    return kept.speed if kept.of == key else None
