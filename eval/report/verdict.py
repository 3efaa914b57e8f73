"""What users of such a model expect, beside what was measured."""

from collections.abc import Iterator

from eval.figures import Figures
from eval.report.names import everyone, short_names

_ACCURACY = (0.95, 0.99)
_SECONDS = (2.0, 4.0)
_FASTER = (3.0, 6.0)
_SLOW = ("zero-shot", "openai", "random")
"""Kinds of detectors that stand for the model that was not trained."""


def expectations(figures: Figures) -> Iterator[tuple[str, str, str]]:
    """Rows of detector, expectation and measured figure: accuracy, seconds a text, times as fast as a baseline LLM."""
    named = list(zip(short_names(figures), everyone(figures), strict=True))
    slow = [(name, _p50(detector)) for name, detector in named if detector["spec"].startswith(_SLOW)]
    for name, detector in named[: len(figures["detectors"])]:
        micro, p50 = detector["scores"]["strict"]["micro"], _p50(detector)
        yield (
            name,
            f"{_ACCURACY[0]:.0%} to {_ACCURACY[1]:.0%}",
            f"strict F1 {micro['f1']:.1%}, recall {micro['recall']:.1%}",
        )
        if p50 is not None:
            yield name, f"{_SECONDS[0]:g} to {_SECONDS[1]:g} s a text", f"p50 {p50:.3f} s a text"
        for other, baseline in slow:
            if other != name and p50 and baseline:
                yield (
                    name,
                    f"{_FASTER[0]:g} to {_FASTER[1]:g} times as fast",
                    f"{baseline / p50:.1f} times as fast as {other}",
                )


def _p50(detector: Figures) -> float | None:
    """Seconds a text of a single caller, or None where latency was not measured."""
    latency = detector["speed"]["latency"]
    return float(latency["callers"]["1"]["p50_ms"]) / 1e3 if latency else None
