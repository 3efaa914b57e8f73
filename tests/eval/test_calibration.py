import pytest

from eval.calibration import Bin, calibration_error, reliability
from schemas.entity import Document, Entity, Example
from schemas.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T


def test_a_curve_counted_by_hand() -> None:
    text = "张三李四王五赵六"
    example = Example(
        Document("row", text),
        (Entity(0, 2, T.PERSON_NAME), Entity(2, 4, T.PERSON_NAME)),
        "test",
        annotated=(T.PERSON_NAME,),
    )
    found = (
        Detection(Entity(0, 2, T.PERSON_NAME), 1.0, "model"),
        Detection(Entity(2, 4, T.PERSON_NAME), 0.95, "model"),
        Detection(Entity(4, 6, T.PERSON_NAME), 0.5, "model"),
        Detection(Entity(6, 8, T.EMAIL), 0.1, "model"),
    )
    curve = reliability([example], [Prediction(text, found)], (T.PERSON_NAME, T.EMAIL), bins=2)
    assert curve[0] == Bin(0.0, 0.5, 0, 0.0, 0)
    assert (curve[1].count, curve[1].right) == (3, 2) and curve[1].score == pytest.approx(2.45 / 3)
    assert curve[1].precision == pytest.approx(2 / 3)
    assert calibration_error(curve) == pytest.approx(0.45 / 3)


def test_nothing_found_has_no_error() -> None:
    assert calibration_error(reliability([], [], (T.EMAIL,))) == 0.0
