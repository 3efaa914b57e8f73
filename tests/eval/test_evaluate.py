import re
from dataclasses import replace
from pathlib import Path

import pytest

from eval.evaluate import evaluate, file_name
from eval.figures import Row
from eval.report import write_report
from schemas.errors import DataError
from tests.eval.samples import evaluated, plan_of, systems_by_spec


def test_the_figures_of_two_detectors(tmp_path: Path) -> None:
    figures = evaluated(tmp_path)
    good, bad = figures.detectors
    assert good.scores.strict.micro == Row(tp=93, fp=3, fn=0, precision=0.96875, recall=1.0, f1=0.984127)
    assert bad.scores.strict.micro.tp == 0
    assert bad.scores.partial.micro.tp == 31
    assert bad.scores.characters.micro.recall == pytest.approx(1 / 9, abs=1e-6)
    assert bad.errors.kinds == {"missed": 62, "spurious": 1, "boundary": 31, "type": 0, "type and boundary": 0}
    assert good.clean.model_dump() == {"texts": 1, "without_detection": 0}
    assert [(source, clean.texts, clean.share) for source, clean in good.clean_by_source.items()] == [("other", 1, 0.0)]
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
    figures = evaluated(tmp_path)
    assert "QQ_NUMBER" not in figures.detectors[1].scores.strict.by_type


def test_scoring_again_gives_the_same_bytes_and_predicts_nothing(tmp_path: Path) -> None:
    evaluated(tmp_path)
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    systems = systems_by_spec()
    plan = plan_of(tmp_path)
    write_report(evaluate(plan, list(systems), systems.__getitem__, lambda *_: None), plan.out)
    assert {path: path.read_bytes() for path in files} == before
    assert all(not system.candidate.asked for system in systems.values())  # type: ignore[attr-defined]


def test_a_speed_is_measured_again_where_it_is_of_something_else(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    for seconds, measured in ((0.0, False), (0.05, True), (0.05, True)):
        figures = evaluate(replace(plan, seconds=seconds), ["good"], systems_by_spec().__getitem__, lambda *_: None)
        assert bool(figures.detectors[0].speed.latency) == measured
    (path,) = (tmp_path / "out" / "predictions").glob("*.speed.json")
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match=r"\.speed\.json: \$\.of: Field required; not a file of measured speeds"):
        evaluate(plan, ["good"], systems_by_spec().__getitem__, lambda *_: None)


def test_file_names_keep_detectors_apart() -> None:
    names = {file_name(spec) for spec in ("llm:a/b", "llm:a-b", "llm:a b?x=1", "../../etc")}
    assert len(names) == 4 and all(re.fullmatch(r"[\w.-]+", name) and not name.startswith(".") for name in names)
