"""Reports: one Markdown page, one HTML file that needs nothing else, and all figures as JSON."""

import json
from pathlib import Path

from eval.figures import Figures
from eval.report.html import page
from eval.report.plots import draw_plots
from eval.report.sections import markdown
from schemas.files import write_whole

REPORT = "report.json"


def write_report(figures: Figures, out: Path) -> None:
    """Write report.json, report.md with its plots in plots/, and report.html into `out`."""
    write_whole(out / REPORT, json.dumps(figures, ensure_ascii=False, indent=1) + "\n")
    drawn = draw_plots(figures)
    (out / "plots").mkdir(parents=True, exist_ok=True)
    for name, svg in drawn.items():
        write_whole(out / "plots" / f"{name}.svg", svg)
    text = markdown(figures, list(drawn))
    write_whole(out / "report.md", text)
    write_whole(out / "report.html", page(text, drawn))
