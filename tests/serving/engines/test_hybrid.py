from collections.abc import Sequence

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.hybrid import HybridEngine, merge
from serving.engines.rules.engine import RulesEngine
from serving.engines.rules.recogniser import NAMED

TEXT = "张三 110101199003074530 13800138000 x@y.cn"


def prediction(*detections: Detection) -> Prediction:
    return Prediction(TEXT, detections)


def model(start: int, end: int, kind: T, score: float = 0.8) -> Detection:
    return Detection(Entity(start, end, kind), score, "model")


def rule(start: int, end: int, kind: T, validated: bool | None = True, score: float = 0.99) -> Detection:
    return Detection(Entity(start, end, kind), score, "rule", validated)


def test_hits_that_meet_nothing_stand_and_are_sorted() -> None:
    merged = merge(prediction(model(22, 33, T.PHONE_NUMBER)), prediction(rule(3, 21, T.ID_CARD_NUMBER)))
    assert [found.entity.start for found in merged] == [3, 22]
    assert [found.source for found in merged] == ["rule", "model"]


def test_same_type_takes_the_rules_span_and_the_higher_score() -> None:
    (found,) = merge(prediction(model(22, 30, T.PHONE_NUMBER, 0.999)), prediction(rule(22, 33, T.PHONE_NUMBER)))
    assert found == Detection(Entity(22, 33, T.PHONE_NUMBER), 0.999, "both", True)


def test_one_model_span_over_two_rule_hits_gives_both() -> None:
    merged = merge(
        prediction(model(3, 33, T.ID_CARD_NUMBER)),
        prediction(rule(3, 12, T.ID_CARD_NUMBER), rule(22, 33, T.ID_CARD_NUMBER)),
    )
    assert [found.entity.start for found in merged] == [3, 22]
    assert {found.source for found in merged} == {"both"}


def test_checksum_beats_another_type_of_the_model() -> None:
    (found,) = merge(prediction(model(3, 21, T.BANK_ACCOUNT_NUMBER)), prediction(rule(3, 21, T.ID_CARD_NUMBER)))
    assert (found.entity.type, found.source) == (T.ID_CARD_NUMBER, "rule")


def test_weak_or_failed_rule_yields_to_the_model() -> None:
    (found,) = merge(prediction(model(22, 33, T.WECHAT_ID)), prediction(rule(22, 33, T.DEVICE_ID)))
    assert found.entity.type is T.WECHAT_ID
    (found,) = merge(prediction(model(3, 21, T.ORGANIZATION)), prediction(rule(3, 21, T.ID_CARD_NUMBER, False)))
    assert found.entity.type is T.ORGANIZATION


def test_a_rule_whose_value_is_named_beats_another_type_of_the_model_and_what_encloses_it() -> None:
    (found,) = merge(prediction(model(20, 40, T.EMAIL)), prediction(rule(22, 33, T.PASSWORD, None, NAMED)))
    assert (found.entity, found.source) == (Entity(22, 33, T.PASSWORD), "rule")


def test_what_belongs_to_nobody_goes_and_blocks_no_rule() -> None:
    text = "订单号 5551234567"
    (found,) = merge(Prediction(text, (model(4, 14, T.QQ_NUMBER),)), Prediction(text, (rule(4, 14, T.PHONE_NUMBER),)))
    assert found.source == "rule"


def test_a_phrase_goes_before_it_is_cut_into_words() -> None:
    text = "Fever, Cough and Headache"
    detection = Detection(Entity(0, len(text), T.PERSON_NAME), 0.8, "model")

    assert HybridEngine(Fixed(detection), RulesEngine()).detect([text])[0].entities == ()


def test_enclosing_model_span_is_kept_whole() -> None:
    (found,) = merge(prediction(model(0, 40, T.SECRET_KEY)), prediction(rule(3, 21, T.ID_CARD_NUMBER)))
    assert found.entity == Entity(0, 40, T.SECRET_KEY)


def test_model_hits_that_fail_their_check_score_less_but_are_never_dropped() -> None:
    valid, invalid = (
        merge(Prediction(text, (model(0, 18, T.ID_CARD_NUMBER),)), Prediction(text, ()))
        for text in ("11010519491231002X", "110105194912310021")
    )
    assert [found.validated for found in (*valid, *invalid)] == [True, False]
    assert 0.0 < invalid[0].score < valid[0].score
    (name,) = merge(prediction(model(0, 2, T.PERSON_NAME)), prediction())
    assert name.validated is None


class Fixed:
    """A detector that answers with the given detections of the requested types."""

    def __init__(self, *detections: Detection) -> None:
        self.detections = detections

    def detect(self, texts: Sequence[str], types: Sequence[T] | None = None) -> list[Prediction]:
        assert types is not None
        return [Prediction(text, tuple(d for d in self.detections if d.entity.type in types)) for text in texts]


def test_requested_types_filter_one_and_the_same_answer() -> None:
    hybrid = HybridEngine(Fixed(model(22, 33, T.WECHAT_ID)), Fixed(rule(22, 33, T.DEVICE_ID)))
    assert hybrid.detect([TEXT], [T.DEVICE_ID])[0].entities == ()
    assert hybrid.detect([TEXT], [T.WECHAT_ID])[0] == hybrid.detect([TEXT])[0]


def test_on_request_types_compete_only_when_requested() -> None:
    hybrid = HybridEngine(Fixed(model(20, 40, T.URL)), Fixed(rule(22, 33, T.PHONE_NUMBER)))
    assert [e.type for e in hybrid.detect([TEXT])[0].entities] == [T.PHONE_NUMBER]
    assert [e.type for e in hybrid.detect([TEXT], [T.PHONE_NUMBER, T.URL])[0].entities] == [T.URL]


def test_rules_behind_one_that_yields_still_count() -> None:
    merged = merge(
        prediction(model(3, 21, T.WECHAT_ID)),
        prediction(rule(3, 21, T.DEVICE_ID), rule(22, 33, T.DEVICE_ID)),
    )
    assert [(found.entity.type, found.source) for found in merged] == [(T.WECHAT_ID, "model"), (T.DEVICE_ID, "rule")]


class Biased:
    """An engine that finds a name as surely as it is biased."""

    def __init__(self, log_odds: float = 0.0) -> None:
        self.log_odds = log_odds

    def with_bias(self, log_odds: float) -> "Biased":
        return Biased(self.log_odds + log_odds)

    def detect(self, texts: Sequence[str], types: Sequence[T] | None = None) -> list[Prediction]:
        return [Prediction(text, (model(0, 2, T.PERSON_NAME, self.log_odds),)) for text in texts]


def test_a_bias_reaches_the_model_and_the_rules_stay() -> None:
    engine = HybridEngine(Biased(), RulesEngine()).with_bias(0.25).with_bias(0.5)
    (found,) = engine.detect([TEXT], [T.PERSON_NAME, T.PHONE_NUMBER])
    assert [(detection.entity.type, detection.score) for detection in found.detections[:1]] == [(T.PERSON_NAME, 0.75)]
    assert found.entities[-1].type is T.PHONE_NUMBER


def test_a_number_of_the_plan_is_a_phone_number_whatever_the_label_says() -> None:
    for kind in (T.BANK_ACCOUNT_NUMBER, T.ID_CARD_NUMBER, T.QQ_NUMBER, T.USERNAME, T.SOCIAL_SECURITY_NUMBER):
        (found,) = merge(prediction(model(22, 33, kind)), prediction(rule(22, 33, T.PHONE_NUMBER)))
        assert (found.entity.type, found.source) == (T.PHONE_NUMBER, "rule")


def test_a_word_glued_to_a_value_does_not_enclose_it() -> None:
    text = "li_88@example.nethhh"
    (found,) = merge(Prediction(text, (model(0, 20, T.USERNAME),)), Prediction(text, (rule(0, 17, T.EMAIL),)))
    assert found.entity == Entity(0, 17, T.EMAIL)


def test_what_the_model_marks_is_fitted_before_it_meets_the_rules() -> None:
    text = "登录账号 18712345678/18600001111，官网 shop.example.cn"
    hybrid = HybridEngine(Fixed(model(5, 28, T.BANK_ACCOUNT_NUMBER), model(32, 47, T.EMAIL)), RulesEngine())
    (found,) = hybrid.detect([text])
    assert [(entity.type, found.value(entity)) for entity in found.entities] == [
        (T.PHONE_NUMBER, "18712345678"),
        (T.PHONE_NUMBER, "18600001111"),
    ]
