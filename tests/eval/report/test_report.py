import re
from dataclasses import replace
from pathlib import Path

import pytest

from eval.evaluate import Plan, evaluate
from eval.report import write_report
from eval.scores.error_analysis import system_of
from schemas.errors import DataError
from tests.eval.samples import (
    RIGHT,
    TYPES,
    Finder,
    dataset_of,
    evaluated,
    example,
    make_system,
    plan_of,
    systems_by_spec,
)


def test_no_text_is_shown_unless_asked_for(tmp_path: Path) -> None:
    evaluated(tmp_path)
    hidden = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not any("张三" in text or "12345" in text for text in hidden)


def test_shown_text_cannot_become_markup(tmp_path: Path) -> None:
    figures = evaluated(tmp_path, show_text=True)
    assert any("【12345】|<b>*_`" in shown for row in figures.detectors[1].errors.patterns for shown in row.examples)
    page, text = ((tmp_path / "out" / f"report.{kind}").read_text(encoding="utf-8") for kind in ("html", "md"))
    assert "<b>" not in page and "【12345】|&lt;b&gt;*_`" in page.replace("&#124;", "|")
    rows = [line for line in text.splitlines() if "【12345】" in line]
    assert rows and all(line.count(" | ") == 5 for line in rows)


def test_names_cannot_become_markup_either(tmp_path: Path) -> None:
    row = example(0, *RIGHT)
    odd = replace(row, slices={"<script>|": "<b>", "source": "hidden"}, source="<i>")
    other = replace(example(1, *RIGHT), slices={"<script>|": "c"})
    plan = Plan(dataset_of(tmp_path, [odd, other]), TYPES, tmp_path / "out", seconds=0)
    figures = evaluate(plan, ["<u>|$\\a$"], lambda spec: make_system(Finder(RIGHT), spec), lambda *_: None)
    write_report(figures, plan.out)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert not any(tag in page for tag in ("<script", "<b>", "<i>", "<u>"))
    assert list(figures.detectors[0].slices["source"]) == ["<i>", "test"]


def test_random_weights_alone_make_a_report_of_speed(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    figures = evaluate(plan, ["random:x"], systems_by_spec().__getitem__, lambda *_: None)
    write_report(figures, plan.out)
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "## Speed" in text and "## Scores" not in text
    with pytest.raises(DataError, match="has no"):
        system_of(figures, None)


def test_what_paid_tokens_and_forgetting_cost_is_told(tmp_path: Path) -> None:
    paid = replace(
        systems_by_spec()["bad"],
        price=(1.0, 2.0),
        perplexities=lambda texts: {"zh": {"before": 9.0, "after": 10.0, "tokens": len(texts)}},
    )
    plan = plan_of(tmp_path, general=("一", "二"))
    figures = evaluate(plan, ["bad"], lambda _: paid, lambda *_: None)
    write_report(figures, plan.out)
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "| bad | zh | 9.0000 | 10.0000 | 2 |" in text
    assert " 140.0000 |" in text  # 100 tokens read and 20 written a text


def test_the_page_needs_nothing_else_and_has_every_plot(tmp_path: Path) -> None:
    evaluated(tmp_path)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 4 and "<img" not in page and "<script" not in page
    assert not re.search(r"""(?:src|href)=["'](?!#)""", re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))
    for word in ("Random weights", "random:x", "not in the text"):
        assert word.lower() in page.lower(), word
