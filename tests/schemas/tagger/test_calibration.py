"""The calibration of scores, and its file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import ModelError
from schemas.tagger.calibration import CALIBRATION, Calibration, Line
from schemas.taxonomy import EntityType as T


def test_types_have_lines_of_their_own_and_others_stay_as_they_are() -> None:
    calibration = Calibration({T.PERSON_NAME: Line(0.5, -1.0)})
    assert calibration.apply(T.PERSON_NAME, 0.9) == pytest.approx(3 / (3 + 2.718281828))
    assert calibration.apply(T.EMAIL, 0.9) == 0.9


@given(st.floats(0, 1), st.floats(0, 1))
def test_scores_stay_in_range_and_in_order(first: float, second: float) -> None:
    line = Line(0.7, -0.3)
    assert 0.0 < line(first) < 1.0
    assert (line(first) <= line(second)) == (first <= second) or line(first) == pytest.approx(line(second))


def test_a_written_calibration_is_read_back(tmp_path: Path) -> None:
    calibration = Calibration({T.EMAIL: Line(0.5, 1.25), T.ADDRESS: Line(1.0, -0.125)})
    calibration.write(tmp_path)
    assert Calibration.read(tmp_path) == calibration
    assert Calibration.read(tmp_path / "none") == Calibration({})


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"NO_TYPE": [1, 0]}', '{"EMAIL": [1]', '{"EMAIL": [1, 2, 3]}', '{"EMAIL": 1}']
)
def test_broken_files_are_named(tmp_path: Path, content: str) -> None:
    (tmp_path / CALIBRATION).write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"calibration\.json: no readable calibration"):
        Calibration.read(tmp_path)
