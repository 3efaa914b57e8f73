"""A table of scores by type for people, and the same figures as one JSON line last."""

import json
from collections.abc import Sequence

from eval.calibration import calibration_error, reliability
from eval.scores import Counts, clean_share, strict_counts
from schemas.entity import Example
from schemas.prediction import Detector
from schemas.taxonomy import EntityType


def print_report(detector: Detector, examples: Sequence[Example], types: Sequence[EntityType]) -> None:
    """Predict `examples` for `types`; print strict scores by type and micro-averaged, and the reliability of scores."""
    predictions = detector.detect([example.document.text for example in examples], types)
    counts = strict_counts(examples, predictions, types)
    micro = sum(counts.values(), Counts())
    print(f"{'type':<24} {'precision':>9} {'recall':>7} {'f1':>7} {'entities':>8}")
    for name, count in [*counts.items(), ("micro", micro)]:
        if count != Counts():
            print(f"{name:<24} {count.precision:9.4f} {count.recall:7.4f} {count.f1:7.4f} {count.tp + count.fn:8d}")
    clean = clean_share(examples, predictions, types)
    print(f"texts {len(examples)}; of those without an entity, {clean:.4f} stay without a detection")
    curve = reliability(examples, predictions, types)
    error = calibration_error(curve)
    print(f"expected calibration error of the scores {error:.4f}; by score:")
    for part in curve:
        if part.count:
            shares = f"mean {part.score:.3f}, right {part.precision:.3f}"
            print(f"  {part.low:.1f} to {part.high:.1f}: {part.count:6d} detections, {shares}")
    by_type = {str(kind): [count.tp, count.fp, count.fn] for kind, count in counts.items()}
    figures = {"texts": len(examples), "f1": micro.f1, "clean": clean, "calibration_error": error}
    print(json.dumps(figures | {"tp_fp_fn": by_type}))
