"""The plots of a report, as SVG; the same figures give the same bytes."""

import io
from collections.abc import Callable
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from eval.figures import Figures
from eval.report.names import everyone, short_names

Draw = Callable[[Axes, Figures, str], None]


def draw_plots(figures: Figures) -> dict[str, str]:
    """SVG by name: F1 by type, precision and recall by threshold, reliability, and latency where it was measured."""
    drawn = {}
    if figures["detectors"]:
        drawn["f1-by-type"] = _by_type(figures)
        drawn["precision-recall"] = _lines(figures, _curve, "recall", "precision")
        drawn["reliability"] = _lines(figures, _reliability, "score", "share that is right")
    if any(detector["speed"]["latency"] for detector in everyone(figures)):
        drawn["latency"] = _latency(figures)
    return drawn


def _labels(figures: Figures) -> list[str]:
    """Names as matplotlib takes them: no formula in dollars, no underscore in front, which would hide them."""
    return [name.replace("$", r"\$").lstrip("_") for name in short_names(figures)]


def _figure(width: float, height: float) -> Axes:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasSVG(figure)
    axes: Axes = figure.add_subplot()
    axes.grid(alpha=0.3)
    return axes


def _svg(axes: Axes) -> str:
    figure: Any = axes.figure

    with matplotlib.rc_context({"svg.hashsalt": "pii-sft", "svg.fonttype": "none"}):
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def _by_type(figures: Figures) -> str:
    rows = [detector["scores"]["strict"]["by_type"] for detector in figures["detectors"]]
    kinds = [kind for kind in figures["types"] if any(_support(row, kind) for row in rows)]
    axes = _figure(9, 1 + 0.11 * len(kinds) * (len(rows) + 1))
    height = 1 / (len(rows) + 1)
    for number, (row, name) in enumerate(zip(rows, _labels(figures), strict=False)):
        places = [at + number * height for at in range(len(kinds))]
        axes.barh(places, [row[kind]["f1"] if kind in row else 0.0 for kind in kinds], height, label=name)
    axes.set_yticks([at + height * (len(rows) - 1) / 2 for at in range(len(kinds))], kinds)
    axes.invert_yaxis()
    axes.set_xlabel("F1, strict")
    axes.legend(loc="lower left")
    return _svg(axes)


def _support(row: Figures, kind: str) -> int:
    return int(row[kind]["tp"] + row[kind]["fn"]) if kind in row else 0


def _lines(figures: Figures, draw: Draw, across: str, up: str) -> str:
    axes = _figure(6, 4.5)
    for detector, name in zip(figures["detectors"], _labels(figures), strict=False):
        draw(axes, detector, name)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.legend(loc="lower left")
    return _svg(axes)


def _curve(axes: Axes, detector: Figures, name: str) -> None:
    points = detector["curve"]
    axes.plot([recall for _, _, recall in points], [precision for _, precision, _ in points], marker=".", label=name)


def _reliability(axes: Axes, detector: Figures, name: str) -> None:
    bins = detector["calibration"]["bins"]
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.5)
    axes.plot([score for *_, score, _ in bins], [right / count for *_, count, _, right in bins], marker=".", label=name)


def _latency(figures: Figures) -> str:
    axes = _figure(7, 4.5)
    measured = zip(_labels(figures), everyone(figures), strict=True)
    for number, (name, detector) in enumerate(measured):
        rows = (detector["speed"]["latency"] or {"callers": {}})["callers"]
        for percentile, line in (("p50", "-"), ("p99", ":")):
            times = [row[f"{percentile}_ms"] for row in rows.values()]
            axes.plot(
                [int(callers) for callers in rows], times, line, color=f"C{number}", label=f"{name}, {percentile}"
            )
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xlabel("callers at once")
    axes.set_ylabel("milliseconds a text")
    axes.legend(fontsize="small")
    return _svg(axes)
