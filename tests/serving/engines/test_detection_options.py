import pytest

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.custom_rules import CustomRules
from serving.engines.detection_options import DetectionOptions

PREDICTION = Prediction(
    "赵钱孙", tuple(Detection(Entity(at, at + 1, T.PERSON_NAME), score, "model") for at, score in enumerate((0.9, 0.7)))
)


def scores(options: DetectionOptions) -> list[float]:
    (prediction,) = options.search(lambda _: [PREDICTION], [PREDICTION.text])
    return [detection.score for detection in prediction.detections]


def test_an_operating_point_sets_a_bias_or_a_least_score() -> None:
    assert DetectionOptions(operating_point="recall").log_odds > DetectionOptions().log_odds == 0.0
    assert scores(DetectionOptions()) == scores(DetectionOptions(operating_point="recall")) == [0.9, 0.7]
    assert scores(DetectionOptions(operating_point="precision")) == [0.9]


def test_the_higher_of_two_least_scores_holds() -> None:
    assert scores(DetectionOptions(min_score=0.95, operating_point="precision")) == []
    assert scores(DetectionOptions(min_score=0.5, operating_point="precision")) == [0.9]


def test_custom_rules_hold_whatever_the_least_score() -> None:
    rules = CustomRules.of((), {"孙": T.AGE}, ())
    assert scores(DetectionOptions(min_score=0.95, custom_rules=rules)) == [1.0]


TEXT = "送到凤凰计划大厦"
DENIED = CustomRules.of((), {"凤凰计划": T.named("项目")}, ())


@pytest.mark.parametrize(
    ("options", "score", "source"),
    [
        (DetectionOptions(min_score=0.6), 0.5, "model"),
        (DetectionOptions(operating_point="precision"), 0.7, "model"),
        (DetectionOptions(repeated_names=False), 0.9, "repeat"),
    ],
)
def test_a_denied_value_is_marked_where_what_covers_it_is_dropped(
    options: DetectionOptions, score: float, source: str
) -> None:
    covering = Prediction(TEXT, (Detection(Entity(2, 8, T.ADDRESS), score, source),))  # type: ignore[arg-type]
    (found,) = options.search(lambda _: [covering], [TEXT], before=DENIED)
    assert [(one.start, one.end, one.type) for one in found.entities] == [(2, 6, "项目")]
    (found,) = DetectionOptions().search(lambda _: [covering], [TEXT], before=DENIED)
    assert found.entities == (Entity(2, 8, T.ADDRESS),)
