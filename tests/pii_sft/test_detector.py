"""The detector in Python: least scores, custom rules, and its way into other processes."""

import json
import multiprocessing
import pickle
from pathlib import Path
from typing import Any

import pytest

from pii_sft import Detector
from schemas.errors import DataError, UnknownTypeError
from schemas.spans.prediction import Prediction
from serving.engines.rules.engine import RulesEngine

TEXT = "翠鸟由K-7788负责，电话138-0013-8000，邮箱li@example.com"
RULES = {
    "allow": ["13800138000"],
    "deny": [{"type": "项目代号", "value": "翠鸟"}],
    "patterns": [{"type": "员工号", "pattern": r"[A-Z]-\d{4}"}],
}
FOUND = [("项目代号", "翠鸟"), ("员工号", "K-7788"), ("EMAIL", "li@example.com")]


def found(prediction: Prediction) -> list[tuple[str, str]]:
    return [(str(one.type), prediction.value(one)) for one in prediction.detections]


def test_custom_rules_come_as_json_or_from_a_file(tmp_path: Path) -> None:
    plain = Detector(RulesEngine())
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(RULES), encoding="utf-8")
    for detector in map(plain.with_custom_rules, (RULES, path, str(path))):
        assert found(detector.detect(TEXT)) == FOUND
        assert found(detector.detect(TEXT, ["EMAIL"], 0.99)) == FOUND[:2]
    assert [kind for kind, _ in found(plain.detect(TEXT))] == ["PHONE_NUMBER", "EMAIL"]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"alow": ["a"]}, "^alow: Extra inputs"),
        ({"deny": [{"type": "email", "value": "13912345678"}]}, r"^deny\.0\.type: not a name"),
        ({"allow_patterns": ["(13912345678"]}, r"^allow_patterns\.0: not a pattern"),
        ({"allow_patterns": ["a", "13912345678|"]}, r"^allow_patterns\.1: matches an empty text"),
        ({"patterns": [{"type": "AGE", "pattern": "(a)(13912345678)"}]}, r"^patterns\.0\.pattern: more than one group"),
        ({"patterns": [{"type": "AGE", "pattern": r"a\\\C{2}"}]}, r"^patterns\.0\.pattern: \\C stands for a byte"),
    ],
)
def test_rules_that_are_none_are_named(rules: dict[str, object], told: str) -> None:
    with pytest.raises(DataError, match=told) as caught:
        Detector(RulesEngine()).with_custom_rules(rules)
    assert "139" not in str(caught.value)


def test_least_scores_may_differ_by_type() -> None:
    detector = Detector(RulesEngine())
    assert found(detector.detect(TEXT, min_score={"PHONE_NUMBER": 0.96})) == [("EMAIL", "li@example.com")]
    assert found(detector.detect(TEXT, min_score={"EMAIL": 0.5, "DEFAULT": 1.0})) == [("EMAIL", "li@example.com")]
    with pytest.raises(UnknownTypeError):
        detector.detect(TEXT, min_score={"PHONE": 0.5})


@pytest.mark.parametrize("score", [90, -0.1, float("nan"), "0.5", {"EMAIL": 90}, {"DEFAULT": None}])
def test_a_score_that_is_none_is_refused(score: Any) -> None:
    with pytest.raises(ValueError, match=r"^min_score is a number from 0 to 1"):
        Detector(RulesEngine()).detect(TEXT, min_score=score)


def test_all_types_have_a_name() -> None:
    detector = Detector(RulesEngine())
    assert found(detector.detect("见https://example.com/a", ["ALL"])) == [("URL", "https://example.com/a")]


@pytest.fixture(scope="module")
def tagger() -> Detector:
    return Detector.load(threads=1)


def test_a_pickled_detector_answers_as_before(tagger: Detector) -> None:
    detector = tagger.with_custom_rules(RULES)
    again = pickle.loads(pickle.dumps(detector))
    assert again.detect(TEXT) == detector.detect(TEXT) and again.description == detector.description
    assert len(pickle.dumps(detector)) < 10_000  # it names the model, and does not hold it


def test_a_detector_answers_in_other_processes(tagger: Detector) -> None:
    texts = ["我叫张三，电话13800138000", "邮箱li@example.com", "今天天气不错", "李雷住在北京市朝阳区建国路88号"]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(tagger.detect, texts) == tagger.detect_batch(texts)


def test_names_of_fields_are_one_for_each_text() -> None:
    detector = Detector.load("rules")
    (found,) = detector.detect_batch(["1.3800138e10"], names=iter(["phone"]))
    assert [found.value(one) for one in found.entities] == ["1.3800138e10"]
    for names in (["a"], []):
        with pytest.raises(ValueError, match=f"names has {len(names)} names for 2 texts"):
            detector.detect_batch(["x", "y"], names=names)
    for wrong in ("ab", ["a", None]):
        with pytest.raises(TypeError, match="names takes an iterable of strings"):
            detector.detect_batch(["x", "y"], names=wrong)  # type: ignore[arg-type]
