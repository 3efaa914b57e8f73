from typing import Any

import pytest

from eval.compare import changes
from eval.figures import DatasetFigures, Figures
from schemas.errors import DataError
from tests.eval.samples import evaluated


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    return evaluated(tmp_path_factory.mktemp("evaluated"))


def test_a_report_does_not_differ_from_itself(figures: Figures) -> None:
    scores = list(changes(figures, figures))
    assert [score.name for score in scores[:4]] == ["precision", "recall", "f1", "PERSON_NAME precision"]
    assert all(score.gain == 0 for score in scores)


def test_a_fallen_score_is_told(figures: Figures) -> None:
    content = figures.model_dump(mode="json")
    content["detectors"][0]["scores"]["strict"]["micro"]["recall"] = 0.5
    worse = Figures.model_validate(content, strict=False)
    fallen = [change for change in changes(figures, worse) if change.gain]
    assert [(change.detector, change.name, change.gain) for change in fallen] == [("good", "recall", -0.5)]


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("data", DatasetFigures(sha256="0", texts=1, characters=1, entities=1), "other data"),
        ("types", (), "other types"),
        ("detectors", (), "lacks the detector good"),
    ],
)
def test_reports_of_different_things_are_not_compared(figures: Figures, key: str, value: Any, fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        list(changes(figures, figures.model_copy(update={key: value})))


def test_every_detector_of_the_old_report_is_needed(figures: Figures) -> None:
    first = figures.model_copy(update={"detectors": figures.detectors[:1]})
    with pytest.raises(DataError, match="lacks the detector bad"):
        list(changes(figures, first))
    assert {change.detector for change in changes(first, figures)} == {"good"}
    with pytest.raises(DataError, match="the old report has no scores"):
        list(changes(figures.model_copy(update={"detectors": ()}), figures))
