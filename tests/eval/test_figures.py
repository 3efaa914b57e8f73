import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.figures import FORMAT, Figures, read_figures
from schemas.errors import DataError
from tests.eval.samples import evaluated


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    return evaluated(tmp_path_factory.mktemp("evaluated"))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    figures = evaluated(tmp_path, show_text=True)
    assert read_figures(tmp_path / "out") == read_figures(tmp_path / "out" / "report.json") == figures
    assert read_figures(tmp_path / "out").to_json() == (tmp_path / "out" / "report.json").read_text(encoding="utf-8")
    assert figures.detectors[1].errors.patterns[0].examples


def test_no_examples_are_written_where_no_text_is_shown(figures: Figures) -> None:
    assert '"examples"' not in figures.to_json()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", r"\$: Input should be an object"),
        ('{"format": 0}', "a report of another version of pii-sft"),
        ('{"format": "1"}', "a report of another version of pii-sft"),
        (f'{{"format": {FORMAT}}}', r"\$\.data: Field required"),
        ("{}", r"\$\.format: Field required"),
    ],
)
def test_a_report_that_is_none_is_refused(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "report.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=rf"report\.json: {fault}"):
        read_figures(tmp_path)
    with pytest.raises(DataError, match="No such file"):
        read_figures(tmp_path / "none")


def micro(figures: Any) -> Any:
    return figures["detectors"][1]["scores"]["strict"]["micro"]


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda figures: micro(figures).update(tp="张三"), "$.detectors[1].scores.strict.micro.tp: Input should be a"),
        (lambda figures: micro(figures).pop("f1"), "$.detectors[1].scores.strict.micro.f1: Field required"),
        (lambda figures: micro(figures).update({"张三": 1}), "$.detectors[1].scores.strict.micro: holds a key that"),
        (lambda figures: figures["random"].append({}), "$.random[1].spec: Field required"),
        (lambda figures: figures["differences"][0]["recall"].pop(), "$.differences[0].recall[2]: Field required"),
    ],
)
def test_a_fault_is_named_by_its_path_without_the_value(
    tmp_path: Path, figures: Figures, spoil: Callable[[Any], object], fault: str
) -> None:
    content = json.loads(figures.to_json())
    spoil(content)
    path = tmp_path / "other.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_figures(path)
    assert str(caught.value).startswith(f"{path}: {fault}") and "张三" not in str(caught.value)


def test_figures_have_six_digits(figures: Figures) -> None:
    assert figures.detectors[0].scores.strict.micro.f1 == 0.984127
    assert figures.detectors[0].operating_points["balanced"].min_score == 0.9
