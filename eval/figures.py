"""Every figure of a report, as the JSON value of `report.json`: the same predictions give the same bytes."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from eval.bootstrap import METRICS, Interval, difference, intervals, resampled
from eval.calibration import calibration_error, operating_points, reliability, threshold_curve
from eval.dataset import Dataset
from eval.errors import KINDS
from eval.scores import SCHEMES, Counts, Scheme
from eval.tally import Tally
from schemas.taxonomy import EntityType
from schemas.text.length_buckets import LENGTH_BUCKETS

FORMAT = 1
Figures = dict[str, Any]

_CURVE_POINTS = 200
_PATTERNS = 200


@dataclass(frozen=True, slots=True)
class Scores:
    """What a detector scored: spec and description, the tally (None of random weights), speed, memory, perplexity."""

    spec: str
    description: str
    tally: Tally | None
    speed: Mapping[str, Any]


def report_figures(gold: Dataset, types: Sequence[EntityType], scores: Sequence[Scores]) -> Figures:
    """All figures of a report on `gold`: the data, the detectors in order, and every detector against the first."""
    scored = [(score, score.tally) for score in scores if score.tally]
    detectors, compared = _scored(scored) if scored else ([], [])
    random = [_unscored(score) for score in scores if not score.tally]
    data = {"sha256": gold.digest, "texts": gold.texts, "characters": gold.characters, "entities": gold.entities}
    named = [str(kind) for kind in types]
    figures = {
        "format": FORMAT,
        "data": data,
        "types": named,
        "detectors": detectors,
        "differences": compared,
        "random": random,
    }
    rounded: Figures = _rounded(figures)
    return rounded


def _scored(scores: Sequence[tuple[Scores, Tally]]) -> tuple[list[Figures], list[Figures]]:
    """The figures of the detectors, and the differences of all others to the first."""
    counts = [tally.strict_by_text for _, tally in scores]
    samples = resampled(counts)
    ranges = intervals(samples)
    detectors = [_detector(score, tally, part) for (score, tally), part in zip(scores, ranges, strict=True)]
    names = [score.spec for score, _ in scores]
    gaps = [
        {name: astuple(gap) for name, gap in difference(samples, counts, 0, number).items()}
        for number in range(1, len(names))
    ]
    return detectors, [{"first": names[0], "second": name, **gap} for name, gap in zip(names[1:], gaps, strict=True)]


def _unscored(score: Scores) -> Figures:
    return {"spec": score.spec, "description": score.description, "speed": score.speed, "batch": None, "answers": None}


def _rounded(value: Any) -> Any:
    """`value` with its floats rounded to six digits, tuples as lists."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value


def _detector(score: Scores, tally: Tally, ranges: Mapping[str, Interval]) -> Figures:
    return {
        "spec": score.spec,
        "description": score.description,
        "scores": {scheme: _scheme(tally, scheme) for scheme in SCHEMES},
        "intervals": {name: ranges[name] for name in METRICS},
        "clean": {"texts": sum(tally.clean.values()), "without_detection": tally.clean[True]},
        "slices": _slices(tally),
        **_calibration(tally),
        "errors": _errors(tally),
        "answers": _answers(tally),
        "batch": {
            "texts_per_s": tally.texts / max(tally.seconds, 1e-9),
            "characters_per_s": tally.characters / max(tally.seconds, 1e-9),
            "hours_per_million_texts": tally.seconds / tally.texts * 1e6 / 3600,
        },
        "speed": score.speed,
    }


def row(counts: Counts) -> Figures:
    """Counts, and what follows from them."""
    tp, fp, fn = astuple(counts)
    return {"tp": tp, "fp": fp, "fn": fn, "precision": counts.precision, "recall": counts.recall, "f1": counts.f1}


def _scheme(tally: Tally, scheme: Scheme) -> Figures:
    """Micro, macro (the mean over types that occur in the data) and by type."""
    by_type = {kind: tally.by_type[scheme][kind] for kind in EntityType if kind in tally.by_type[scheme]}
    occurring = [row(counts) for counts in by_type.values() if counts.tp + counts.fn]
    macro = {name: sum(figures[name] for figures in occurring) / max(len(occurring), 1) for name in METRICS}
    rows = {str(kind): row(counts) for kind, counts in by_type.items()}
    return {"micro": row(tally.micro(scheme)), "macro": macro, "by_type": rows}


def _slices(tally: Tally) -> Figures:
    """By slice and place: the number of texts, and the micro counts of every scheme."""
    found: dict[str, Figures] = {}
    for name, place in sorted(tally.slices, key=_slice_order):
        counts = {scheme: row(tally.slices[name, place][scheme]) for scheme in SCHEMES}
        found.setdefault(name, {})[place] = {"texts": tally.slice_texts[name, place], **counts}
    return found


def _slice_order(place: tuple[str, str]) -> tuple[str, int, str]:
    """By name; lengths from short to long, other places in alphabetical order."""
    name, value = place
    return name, LENGTH_BUCKETS.index(value) if name == "length" else 0, value


def _calibration(tally: Tally) -> Figures:
    scored = tally.scored
    counts = tally.micro("strict")
    curve = threshold_curve(scored, counts.tp + counts.fn)
    step = max(1, len(curve) // _CURVE_POINTS)
    kept = curve[::-step][::-1]  # with the last one, where everything is kept
    bins = reliability(scored)
    points = operating_points(curve)
    return {
        "calibration": {"error": calibration_error(bins), "bins": [astuple(part) for part in bins if part.count]},
        "curve": [[score, found.precision, found.recall] for score, found in kept],
        "operating_points": {
            name: {"min_score": math.floor(score * 1e6) / 1e6, **row(found)} for name, (score, found) in points.items()
        },
    }


def _errors(tally: Tally) -> Figures:
    kinds = dict.fromkeys(KINDS, 0)
    for pattern, number in tally.patterns.items():
        kinds[pattern.kind] += number
    common = sorted(tally.patterns.items(), key=lambda item: (-item[1], item[0]))[:_PATTERNS]
    patterns = [
        {"count": number, **dict(zip(("kind", "true", "found", "form"), astuple(pattern), strict=True))}
        | ({"examples": tally.shown[pattern]} if pattern in tally.shown else {})
        for pattern, number in common
    ]
    return {"kinds": kinds, "by_types": _by_types(tally), "patterns": patterns}


def _by_types(tally: Tally) -> list[Figures]:
    """How often each kind of error met each true and found type, the most frequent first."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for pattern, number in tally.patterns.items():
        counts[pattern.kind, pattern.true, pattern.found] += number
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"count": number, "kind": kind, "true": true, "found": found} for (kind, true, found), number in rows]


def _answers(tally: Tally) -> Figures | None:
    """Faults of written answers, and tokens a text; None of a detector that writes none."""
    if not tally.answers:
        return None
    sums, total = tally.answered, tally.answers
    shares = {"answers": total, "valid": sums.valid, "valid_share": sums.valid / total}
    faults = {"items": sums.items, "invented": sums.invented, "unknown_types": sums.unknown}
    return {**shares, **faults, "read_tokens": sums.read / total, "written_tokens": sums.written / total}
