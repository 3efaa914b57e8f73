import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from schemas.text.fold import fold
from serving.engines.custom_rules import (
    CompiledPattern,
    CustomRules,
    CustomRulesError,
    compile_expression,
    compile_patterns,
)
from tests import strategies


def found(text: str, rules: CustomRules, *detections: Detection) -> list[tuple[str, T, str]]:
    (prediction,) = rules.apply([Prediction(text, detections)])
    return [(prediction.value(one.entity), one.entity.type, one.source) for one in prediction.detections]


def model(start: int, end: int, kind: T = T.PERSON_NAME) -> Detection:
    return Detection(Entity(start, end, kind), 0.7, "model", True)


def patterns(*texts: str) -> CustomRules:
    return CustomRules.of((), {}, compile_patterns((T.USERNAME, text) for text in texts))


def test_no_rules_change_nothing() -> None:
    prediction = Prediction("张三", (model(0, 2),))
    assert CustomRules().apply([prediction]) == [prediction]


def test_allowed_values_are_taken_out_however_they_are_written() -> None:
    rules = CustomRules.of(["１００８６"], {}, [])
    text = "打10086或１００８６，不是100861"
    spans = [model(1, 6, T.PHONE_NUMBER), model(7, 12, T.PHONE_NUMBER), model(15, 21, T.PHONE_NUMBER)]
    assert found(text, rules, *spans) == [("100861", T.PHONE_NUMBER, "model")]


@pytest.mark.parametrize("allowed", ["LI-MING", "li ming", "（Li）Ming", "ＬＩ·ＭＩＮＧ"])
def test_case_and_separators_of_an_allowed_value_do_not_count(allowed: str) -> None:
    assert found("Li Ming", CustomRules.of([allowed], {}, []), model(0, 7)) == []
    assert found("Li Ming", CustomRules.of([allowed], {}, compile_patterns([(T.AGE, "Li M.*")])), model(0, 7)) == []


def test_a_dot_of_an_allowed_value_counts() -> None:
    address = model(0, 8, T.IP_ADDRESS)
    assert found("1.1.1.11", CustomRules.of(["1.11.1.1"], {}, []), address) == [("1.1.1.11", T.IP_ADDRESS, "model")]
    assert found("--", CustomRules.of(["··"], {}, []), model(0, 2)) == [("--", T.PERSON_NAME, "model")]


def test_values_with_a_match_of_an_allowed_pattern_are_taken_out() -> None:
    rules = CustomRules.of([], {}, [], [compile_expression("（内线）$"), compile_expression("(?i)@corp")])
    assert found("８８（内线）", rules, model(0, 6)) == [] == found("a@CORP.cn", rules, model(0, 9, T.EMAIL))
    assert found("a@example.cn", rules, model(0, 12, T.EMAIL)) == [("a@example.cn", T.EMAIL, "model")]


def test_a_pattern_with_full_width_signs_finds_them() -> None:
    assert found("编码：７７３１", patterns("编码：(.+)")) == [("７７３１", T.USERNAME, "rule")]


def test_a_word_of_the_context_raises_a_score() -> None:
    pattern = CompiledPattern(T.AGE, compile_expression("[0-9]+"), score=0.3, context=("岁",))
    text = "岁数 41" + "，" * 40 + "42"
    (prediction,) = CustomRules.of((), {}, [pattern]).apply([Prediction(text, ())])
    assert [detection.score for detection in prediction.detections] == pytest.approx([0.65, 0.3])
    (surer,) = CustomRules.of((), {}, [pattern], min_score=0.5).apply([Prediction(text, (model(45, 47),))])
    assert [one.type for one in surer.detections] == [T.AGE, T.PERSON_NAME]


def test_rules_survive_a_pickle() -> None:
    own = T.named("项目代号")
    rules = CustomRules.of(["a"], {"翠鸟": own}, compile_patterns([(own, "Q([0-9])")]), [compile_expression("x")])
    again = pickle.loads(pickle.dumps(rules))
    assert found("翠鸟Q7", again) == [("翠鸟", own, "rule"), ("7", own, "rule")] and again.types == {own}


def test_denied_values_are_marked_wherever_they_stand_as_whole_words() -> None:
    rules = CustomRules.of(["Li"], {"Li": T.PERSON_NAME, "凤凰": T.ORGANIZATION}, [])
    assert found("Li找Link，凤凰凤凰，ALi, Li", rules) == [
        ("Li", T.PERSON_NAME, "rule"),
        ("凤凰", T.ORGANIZATION, "rule"),
        ("凤凰", T.ORGANIZATION, "rule"),
        ("Li", T.PERSON_NAME, "rule"),
    ]


def test_a_pattern_gives_its_match_or_its_group() -> None:
    text = "😀工号：123456，MR-77"
    assert found(text, patterns(r"工号[:：](\d{6})", r"MR-\d+", r"x*", r"(y)?，")) == [
        ("123456", T.USERNAME, "rule"),
        ("MR-77", T.USERNAME, "rule"),
    ]


BAD = ["(", r"(?<=a)b", r"(a)(b)", r"\1", "a{2000}", "\ud800", "((a{100}){100}){100}", r"\PL" * 300]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_pattern_is_refused_and_not_quoted(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CustomRulesError, match=r"RE2|more than one group") as caught:
        patterns("a", text)
    assert text not in str(caught.value) and caught.value.field == ("patterns", 1, "pattern")
    assert capfd.readouterr() == ("", "")


MANY = {"a" * length: T.USERNAME for length in range(1, 1_000)}


@pytest.mark.parametrize("rules", [patterns("a+b|a"), CustomRules.of((), MANY, ())], ids=["pattern", "values"])
def test_rules_that_take_too_long_are_stopped(monkeypatch: pytest.MonkeyPatch, rules: CustomRules) -> None:
    monkeypatch.setattr("serving.engines.custom_rules.MAX_SECONDS", 0.02)
    with pytest.raises(CustomRulesError, match="too long"):
        rules.apply([Prediction("a" * 300_000, ())])


def test_rules_that_find_too_much_are_stopped() -> None:
    with pytest.raises(CustomRulesError, match="too much"):
        patterns(".").apply([Prediction("字" * 100_002, ())])


def test_words_of_any_alphabet_are_whole() -> None:
    rules = CustomRules.of((), {"José": T.PERSON_NAME, "Лев": T.PERSON_NAME}, ())
    assert [value for value, _, _ in found("Joséphine José 见Лев，Левин", rules)] == ["José", "Лев"]


def test_what_encloses_a_value_stays_and_what_overlaps_one_is_cut() -> None:
    text = "王五路88号张三说"
    rules = CustomRules.of((), {"王五": T.PERSON_NAME, "张三": T.PERSON_NAME}, [])
    address = model(0, 6, T.ADDRESS)
    assert found(text, rules, address, model(7, 9)) == [
        ("王五路88号", T.ADDRESS, "model"),
        ("张三", T.PERSON_NAME, "rule"),
        ("说", T.PERSON_NAME, "model"),
    ]
    assert found(text, rules, model(5, 7)) == [
        ("王五", T.PERSON_NAME, "rule"),
        ("号", T.PERSON_NAME, "model"),
        ("张三", T.PERSON_NAME, "rule"),
    ]
    assert found(text, rules, model(0, 2, T.ORGANIZATION), model(6, 8))[0] == ("王五", T.PERSON_NAME, "rule")


@given(strategies.predictions(), st.data())
def test_any_rules_leave_a_valid_prediction_that_covers_what_was_covered(
    prediction: Prediction, data: st.DataObject
) -> None:
    text = prediction.text
    cuts = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    values = data.draw(st.lists(cuts.map(lambda cut: text[cut[0] : cut[1]]).filter(bool), max_size=5))
    denied = {value: data.draw(strategies.types) for value in values}
    (changed,) = CustomRules.of((), denied, []).apply([prediction])
    covered = {at for one in changed.entities for at in range(one.start, one.end)}
    assert covered >= {at for one in prediction.entities for at in range(one.start, one.end)}
    (left,) = CustomRules.of(values, {}, []).apply([prediction])
    assert not {fold(left.value(one)) for one in left.entities} & {fold(value) for value in values}
