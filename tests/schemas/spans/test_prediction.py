"""Predictions: spans checked, text hidden, response under its schema."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.errors import SpanError
from schemas.json_schema import response_schema
from schemas.per_type import PerType
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from tests.strategies import predictions

NAME = EntityType.PERSON_NAME
RESPONSE = Draft202012Validator(response_schema())


def detection(start: int, end: int) -> Detection:
    return Detection(Entity(start, end, NAME), 0.98765, "both", True)


@given(predictions())
def test_response_follows_its_schema_and_slices_the_text(prediction: Prediction) -> None:
    response = prediction.to_dict()
    RESPONSE.validate(response)
    assert len(response["entities"]) == len(prediction.detections)
    assert all(item["value"] == prediction.text[item["start"] : item["end"]] for item in response["entities"])


def test_response_of_a_sample() -> None:
    prediction = Prediction("我叫张三", (detection(2, 4),))
    expected = {"type": "PERSON_NAME", "value": "张三", "start": 2, "end": 4}
    assert prediction.to_dict() == {"entities": [{**expected, "score": 0.9877, "source": "both", "validated": True}]}
    assert prediction.entities == (Entity(2, 4, NAME),)
    (found,) = prediction.detections
    assert (found.type, found.start, found.end, prediction.value(found)) == (NAME, 2, 4, "张三")


def test_least_scores_may_differ_by_type() -> None:
    mail = Detection(Entity(3, 4, EntityType.EMAIL), 0.5, "rule")
    prediction = Prediction("我叫张三", (detection(0, 2), mail))
    assert prediction.at_least(PerType(0.0, {NAME: 0.99})).detections == (mail,)
    assert prediction.at_least(PerType(0.99, {EntityType.EMAIL: 0.5})).detections == (mail,)


@pytest.mark.parametrize("spans", [[(2, 5)], [(0, 3), (2, 4)], [(2, 4), (0, 1)]])
def test_spans_that_break_the_rules_are_refused(spans: list[tuple[int, int]]) -> None:
    with pytest.raises(SpanError):
        Prediction("我叫张三", tuple(detection(*span) for span in spans))


def test_text_stays_out_of_repr() -> None:
    assert "张三" not in repr(Prediction("我叫张三", (detection(2, 4),)))


@given(predictions(), st.floats(0, 1))
def test_a_least_score_leaves_out_what_is_below(prediction: Prediction, score: float) -> None:
    kept = prediction.at_least(score)
    assert kept == Prediction(prediction.text, tuple(item for item in prediction.detections if item.score >= score))
    assert Prediction.unchecked(prediction.text, prediction.detections) == prediction
