"""Further mentions of names that were found once."""

import re
from collections.abc import Sequence

import pytest

from schemas.engine import UnbiasedEngine
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from schemas.text.fold import fold
from serving.engines.detection_options import DetectionOptions
from serving.engines.hybrid import HybridEngine
from serving.engines.repeated_names import with_repeated_names
from serving.engines.rules.engine import RulesEngine


def first(text: str, name: str, score: float = 0.99, kind: T = T.PERSON_NAME) -> Detection:
    start = text.index(name)
    return Detection(Entity(start, start + len(name), kind), score, "model")


def marked(text: str, *names: str, score: float = 0.99, kind: T = T.PERSON_NAME) -> str:
    """The text with 【】 around what is marked when the first mention of each of `names` was found."""
    detections = sorted((first(text, name, score, kind) for name in names), key=lambda detection: detection.entity)
    for detection in reversed(with_repeated_names(fold(text), detections)):
        start, end = detection.entity.start, detection.entity.end
        text = f"{text[:start]}【{text[start:end]}】{text[end:]}"
    return text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("申请人【向阳】，男。庭审中【向阳】到庭，【向阳】称未收到货款。", ["向阳"]),
        ("【司马青山】：几点？\n【青山】：九点。好的【司马青山】", ["司马青山", "青山"]),
        ("【Liam Okafor】 wrote it. Then 【Liam Okafor】's team read it; Liam Okaforson did not.", ["Liam Okafor"]),
        ("【Suresh】 left. I told 【Suresh】: write to suresh@x.com or x.Suresh.dev, see Suresh_notes.", ["Suresh"]),
        ("【ＬＩ　Ｎａ】和【LI Na】", ["ＬＩ　Ｎａ"]),
    ],
)
def test_a_name_is_found_everywhere(text: str, names: list[str]) -> None:
    assert marked(re.sub("[【】]", "", text), *names) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我是【高兴】，很高兴认识您，大家都挺高兴，高兴地走了", "高兴"),
        ("【平安】您好，祝您平安，祝平安，一路平安", "平安"),
        ("【李宁】买了李宁牌球鞋", "李宁"),
        ("【中山】先生住中山路，读中山大学", "中山"),
        ("【陈】老师和陈年旧事", "陈"),
        ("【Will】: hi. Will you come?", "Will"),
        ("【NULL】, NULL", "NULL"),
        ("【Al】 and Al", "Al"),
        ("【python】 and python", "python"),
    ],
)
def test_words_and_parts_of_longer_names_stay(text: str, name: str) -> None:
    assert marked(re.sub("[【】]", "", text), name) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("【把电话线剪了】：在吗\n阿岚：【把电话线剪了】你说", "把电话线剪了"),
        ("【zzq】: hi\nzzqx, 9zzq; 【zzq】: ok", "zzq"),
        ("【晴天】：今天是晴天", "晴天"),
    ],
)
def test_a_screen_name_of_three_characters_is_found_everywhere(text: str, name: str) -> None:
    assert marked(re.sub("[【】]", "", text), name, kind=T.USERNAME) == text


def test_a_repeat_has_the_type_of_the_best_mention() -> None:
    name, screen_name = first("Momo Chen", "Momo Chen", 0.86), Detection(Entity(10, 19, T.USERNAME), 0.9, "model")
    *_, repeat = with_repeated_names("Momo Chen\nMomo Chen\nMomo Chen", [name, screen_name])
    assert (repeat.entity, repeat.score) == (Entity(20, 29, T.USERNAME), 0.9)


def test_many_names_are_looked_for_in_one_pass() -> None:
    names = [f"林{chr(0x4E00 + number)}{chr(0x5E00 + number)}" for number in range(6000)]
    text = "、".join([*names, *names])
    half = len(text) // 2
    found = [first(text, name) for name in names]
    repeats = [one for one in with_repeated_names(text, found) if one.source == "repeat"]
    assert [text[one.entity.start : one.entity.end] for one in repeats] == names
    assert all(one.entity.start > half for one in repeats)


def test_an_unsure_name_is_not_looked_for() -> None:
    assert marked("周末和周末", "周末", score=0.8) == "【周末】和周末"
    assert marked("Jordan and Jordan", "Jordan", score=0.94) == "【Jordan】 and Jordan"


def test_what_something_else_holds_stays_its_own() -> None:
    text = "林小满住林小满故居旁8号，林小满"
    address = Detection(Entity(4, 12, T.ADDRESS), 0.6, "model")
    detections = with_repeated_names(text, [first(text, "林小满"), address])
    assert [(found.entity.start, found.source) for found in detections] == [(0, "model"), (4, "model"), (13, "repeat")]


class OneName(UnbiasedEngine):
    """A model that finds the first mention of one name."""

    def detect(self, texts: Sequence[str], types: Sequence[T] | None = None) -> list[Prediction]:
        return [Prediction(text, (first(text, "温柔", 0.97),)) for text in texts]


def test_the_engine_marks_repeats_unless_it_is_told_not_to() -> None:
    text = "患者温柔，电话13800138000。" + "复诊记录。" * 3000 + "温柔出院。"
    engine, without = (HybridEngine(OneName(), RulesEngine(), repeated_names=repeated) for repeated in (True, False))
    (found,), (fewer,) = engine.detect([text]), without.detect([text])
    repeat = found.detections[-1]
    assert (found.value(repeat.entity), repeat.source, repeat.score) == ("温柔", "repeat", 0.97)
    assert found.detections[:-1] == fewer.detections
    assert engine.with_bias(1.0).detect([text]) == [found] and without.with_bias(1.0).detect([text]) == [fewer]
    assert [detection.entity.type for detection in engine.detect([text], [T.PHONE_NUMBER])[0].detections] == [
        T.PHONE_NUMBER
    ]


def test_a_request_can_leave_repeats_out() -> None:
    detect = HybridEngine(OneName(), RulesEngine()).detect
    (both,) = DetectionOptions().search(detect, ["温柔和温柔"])
    (first,) = DetectionOptions(repeated_names=False).search(detect, ["温柔和温柔"])
    assert (len(both.detections), len(first.detections)) == (2, 1)
