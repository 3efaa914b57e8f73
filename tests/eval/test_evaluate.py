import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from eval.error_analysis import system_of
from eval.evaluate import Plan, evaluate, file_name
from eval.figures import Figures, Row
from eval.report import write_report
from eval.system import Answered, System
from schemas.errors import DataError
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType as T
from tests.eval.samples import NAME, PHONE, TYPES, Finder, dataset_of, example, rows, system

RIGHT = (Entity(0, 2, NAME), Entity(3, 5, NAME), Entity(8, 13, PHONE))
WRONG = (Entity(0, 1, NAME), Entity(8, 13, T.QQ_NUMBER))


def finders() -> dict[str, System]:
    answered = Answered(True, 3, 1, 0, 100, 20)
    return {
        "good": system(Finder(RIGHT), "good"),
        "bad": system(Finder(WRONG, answered), "bad"),
        "random:x": system(Finder(()), "random:x", random=True),
    }


def plan_of(folder: Path, **options: object) -> Plan:
    marked = example(91, *RIGHT, text="张三和李四，电话12345|<b>*_`", source="other")
    examples = [marked, *rows(30), example(90, source="other")]
    return Plan(dataset_of(folder, examples), (*TYPES, T.QQ_NUMBER), folder / "out", seconds=0.05, **options)  # type: ignore[arg-type]


def report(folder: Path, **options: object) -> Figures:
    systems = finders()
    plan = plan_of(folder, **options)
    figures = evaluate(plan, list(systems), systems.__getitem__, lambda *_: None)
    write_report(figures, plan.out)
    return figures


def test_the_figures_of_two_detectors(tmp_path: Path) -> None:
    figures = report(tmp_path)
    good, bad = figures.detectors
    assert good.scores.strict.micro == Row(tp=93, fp=3, fn=0, precision=0.96875, recall=1.0, f1=0.984127)
    assert bad.scores.strict.micro.tp == 0
    assert bad.scores.partial.micro.tp == 31
    assert bad.scores.characters.micro.recall == pytest.approx(1 / 9, abs=1e-6)
    assert bad.errors.kinds == {"missed": 62, "spurious": 1, "boundary": 31, "type": 0, "type and boundary": 0}
    assert good.clean.model_dump() == {"texts": 1, "without_detection": 0}
    assert good.slices["source"]["other"].texts == 2
    assert bad.answers is not None and bad.answers.model_dump() == {
        "answers": 32, "valid": 32, "valid_share": 1.0, "items": 96, "invented": 32, "unknown_types": 0,
        "read_tokens": 100.0, "written_tokens": 20.0,
    }  # fmt: skip
    assert good.answers is None
    (gap,) = figures.differences
    assert (gap.first, gap.second) == ("good", "bad") and gap.recall[0] == -1.0 and gap.recall[2] == 0.001998
    assert [row.spec for row in figures.random] == ["random:x"]
    assert good.speed.latency is not None and list(good.speed.latency.callers) == ["1", "4", "16", "64"]


def test_types_that_a_text_does_not_annotate_are_not_asked_for(tmp_path: Path) -> None:
    figures = report(tmp_path)
    assert "QQ_NUMBER" not in figures.detectors[1].scores.strict.by_type


def test_scoring_again_gives_the_same_bytes_and_predicts_nothing(tmp_path: Path) -> None:
    report(tmp_path)
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    systems = finders()
    plan = plan_of(tmp_path)
    write_report(evaluate(plan, list(systems), systems.__getitem__, lambda *_: None), plan.out)
    assert {path: path.read_bytes() for path in files} == before
    assert all(not system.candidate.asked for system in systems.values())  # type: ignore[attr-defined]


def test_no_text_is_shown_unless_asked_for(tmp_path: Path) -> None:
    report(tmp_path)
    hidden = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not any("张三" in text or "12345" in text for text in hidden)


def test_shown_text_cannot_become_markup(tmp_path: Path) -> None:
    figures = report(tmp_path, show_text=True)
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
    figures = evaluate(plan, ["<u>|$\\a$"], lambda spec: system(Finder(RIGHT), spec), lambda *_: None)
    write_report(figures, plan.out)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert not any(tag in page for tag in ("<script", "<b>", "<i>", "<u>"))
    assert list(figures.detectors[0].slices["source"]) == ["<i>", "test"]


def test_random_weights_alone_make_a_report_of_speed(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    figures = evaluate(plan, ["random:x"], finders().__getitem__, lambda *_: None)
    write_report(figures, plan.out)
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "## Speed" in text and "## Scores" not in text
    with pytest.raises(DataError, match="has no"):
        system_of(figures, None)


def test_a_speed_is_measured_again_where_it_is_of_something_else(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    for seconds, measured in ((0.0, False), (0.05, True), (0.05, True)):
        figures = evaluate(replace(plan, seconds=seconds), ["good"], finders().__getitem__, lambda *_: None)
        assert bool(figures.detectors[0].speed.latency) == measured
    (path,) = (tmp_path / "out" / "predictions").glob("*.speed.json")
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match=r"\.speed\.json: \$\.of: Field required; not a file of measured speeds"):
        evaluate(plan, ["good"], finders().__getitem__, lambda *_: None)


def test_what_paid_tokens_and_forgetting_cost_is_told(tmp_path: Path) -> None:
    paid = replace(
        finders()["bad"],
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
    report(tmp_path)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 4 and "<img" not in page and "<script" not in page
    assert not re.search(r"""(?:src|href)=["'](?!#)""", re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))
    for word in ("Random weights", "random:x", "not in the text"):
        assert word.lower() in page.lower(), word


def test_file_names_keep_detectors_apart() -> None:
    names = {file_name(spec) for spec in ("llm:a/b", "llm:a-b", "llm:a b?x=1", "../../etc")}
    assert len(names) == 4 and all(re.fullmatch(r"[\w.-]+", name) and not name.startswith(".") for name in names)
