"""Reports: one Markdown page, one HTML file that needs nothing else, and all figures as JSON."""

from pathlib import Path

from eval.figures import REPORT_FILE, Figures
from eval.report.content import blocks
from eval.report.pages import html_page, markdown_page
from eval.report.plots import draw_plots
from schemas.files import write_whole


def write_report(figures: Figures, out: Path) -> None:
    """Write report.json, report.md with its plots in plots/, and report.html into `out`."""
    write_whole(out / REPORT_FILE, figures.to_json())
    plots = draw_plots(figures)
    (out / "plots").mkdir(parents=True, exist_ok=True)
    for name, svg in plots.items():
        write_whole(out / "plots" / f"{name}.svg", svg)
    content = list(blocks(figures))
    write_whole(out / "report.md", markdown_page(content, plots))
    write_whole(out / "report.html", html_page(content, plots))
