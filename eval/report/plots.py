"""The plots of a report, as SVG; the same figures give the same bytes."""

import io
from collections.abc import Callable
from typing import cast

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from eval.figures import Figures, Row, ScoredSystem
from eval.report.content import names_of

Draw = Callable[[Axes, ScoredSystem, str], None]


def draw_plots(figures: Figures) -> dict[str, str]:
    """SVG by name: F1 by type, precision and recall by threshold, reliability, and latency where it was measured."""
    plots = {}
    if figures.detectors:
        plots["f1-by-type"] = _by_type(figures)
        plots["precision-recall"] = _lines(figures, _curve, "recall", "precision")
        plots["reliability"] = _lines(figures, _reliability, "score", "share that is right")
    if any(system.speed.latency for system in figures.systems):
        plots["latency"] = _latency(figures)
    return plots


def _labels(figures: Figures) -> list[str]:
    """Names as matplotlib takes them: no formula in dollars, no underscore in front, which would hide them."""
    return [name.replace("$", r"\$").lstrip("_") for name in names_of(figures)]


def _figure(width: float, height: float) -> Axes:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasSVG(figure)
    axes: Axes = figure.add_subplot()
    axes.grid(alpha=0.3)
    return axes


def _svg(axes: Axes) -> str:
    figure = cast(Figure, axes.figure)
    with matplotlib.rc_context({"svg.hashsalt": "pii-sft", "svg.fonttype": "none"}):
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def _by_type(figures: Figures) -> str:
    tables = [system.scores.strict.by_type for system in figures.detectors]
    kinds = [kind for kind in figures.types if any(_occurs(table.get(kind)) for table in tables)]
    axes = _figure(9, 1 + 0.11 * len(kinds) * (len(tables) + 1))
    height = 1 / (len(tables) + 1)
    for number, (table, name) in enumerate(zip(tables, _labels(figures), strict=False)):
        positions = [at + number * height for at in range(len(kinds))]
        axes.barh(positions, [table[kind].f1 if kind in table else 0.0 for kind in kinds], height, label=name)
    axes.set_yticks([at + height * (len(tables) - 1) / 2 for at in range(len(kinds))], kinds)
    axes.invert_yaxis()
    axes.set_xlabel("F1, strict")
    axes.legend(loc="lower left")
    return _svg(axes)


def _occurs(row: Row | None) -> bool:
    return row is not None and row.entities > 0


def _lines(figures: Figures, draw: Draw, across: str, up: str) -> str:
    axes = _figure(6, 4.5)
    for system, name in zip(figures.detectors, _labels(figures), strict=False):
        draw(axes, system, name)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.legend(loc="lower left")
    return _svg(axes)


def _curve(axes: Axes, system: ScoredSystem, name: str) -> None:
    _, precisions, recalls = zip(*system.curve, strict=True) if system.curve else ((), (), ())
    axes.plot(recalls, precisions, marker=".", label=name)


def _reliability(axes: Axes, system: ScoredSystem, name: str) -> None:
    bins = system.calibration.bins
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.5)
    axes.plot([score for *_, score, _ in bins], [right / count for *_, count, _, right in bins], marker=".", label=name)


def _latency(figures: Figures) -> str:
    axes = _figure(7, 4.5)
    for number, (name, system) in enumerate(zip(_labels(figures), figures.systems, strict=True)):
        rows = system.speed.latency.callers if system.speed.latency else {}
        callers = [int(key) for key in rows]
        for percentile, line in (("p50", "-"), ("p99", ":")):
            times = [getattr(row, f"{percentile}_ms") for row in rows.values()]
            axes.plot(callers, times, line, color=f"C{number}", label=f"{name}, {percentile}")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xlabel("callers at once")
    axes.set_ylabel("milliseconds a text")
    axes.legend(fontsize="small")
    return _svg(axes)
