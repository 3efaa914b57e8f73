"""The LLM detector with a random model: whatever the weights, its answers obey the contract."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pii_sft.detector import Detector
from schemas.errors import InvalidTextError, ModelError
from schemas.llm.codec import encode_answer
from schemas.spans.entity import Entity
from schemas.taxonomy import ALL_TYPES, EntityType
from schemas.taxonomy import EntityType as T
from scripts.fuzz_llm import check_answer
from serving.engines.llm.answers import WrittenAnswer
from serving.engines.llm.backends.backend import OutOfMemoryError, Rows
from serving.engines.llm.decoding import Decoder, Job
from serving.engines.llm.engine import LlmEngine, LlmSettings
from serving.engines.llm.few_shot import FEW_SHOT_EXAMPLES
from tests.serving.engines.llm.tiny import CHAT, tiny_model

odd_texts = st.text(st.sampled_from('张三a1 "\\\n\x01\x7f😀𠮷é}]{,:'), max_size=40) | st.text(max_size=40)


@pytest.fixture(scope="module")
def detector() -> LlmEngine:
    return LlmEngine(tiny_model(), CHAT)


@given(odd_texts, st.lists(st.sampled_from(ALL_TYPES), min_size=1, max_size=4, unique=True))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_weights_answers_are_valid_and_grounded(
    detector: LlmEngine, text: str, types: list[EntityType]
) -> None:
    check_answer(detector, text, types)
    check_answer(detector.with_settings(LlmSettings(bias=50.0)), text, types)
    (prediction,) = detector.detect([text], types)
    assert all(0 <= detection.score <= 1 for detection in prediction.detections)


@pytest.mark.parametrize("constraint", ["none", "schema"])
def test_answers_without_the_grammar_are_for_comparison(detector: LlmEngine, constraint: str) -> None:
    loose = detector.with_settings(LlmSettings(constraint=constraint, budget=40))  # type: ignore[arg-type]
    (written,) = loose.answer(["我叫张三"], [T.PERSON_NAME])
    assert len(written.tokens) <= 44
    assert written.answer.startswith('{"entities":[') == (constraint == "schema")
    assert loose.detect(["我叫张三"], [T.PERSON_NAME])[0].text == "我叫张三"


def test_types_of_a_fixed_form_can_be_held_to_it(detector: LlmEngine) -> None:
    formed = detector.with_settings(LlmSettings(formed=True, bias=50.0))
    text = "电话13800138000，邮箱a.b@example.cn，张三"
    (found,) = formed.detect([text], [T.PHONE_NUMBER, T.EMAIL])
    assert {found.value(entity) for entity in found.entities} <= {"13800138000", "a.b@example.cn"}
    assert found.entities and not formed.detect(["没有"], [T.EMAIL])[0].entities


def test_examples_can_be_shown(detector: LlmEngine) -> None:
    shown = detector.with_settings(LlmSettings(few_shot=FEW_SHOT_EXAMPLES))
    assert shown.detect(["我叫张三"], [T.PERSON_NAME])[0].text == "我叫张三"
    assert [len(shot.entities) for shot in FEW_SHOT_EXAMPLES] == [4, 0, 3]


def test_an_opening_stands_before_the_answer(detector: LlmEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[int]] = []

    def decode(_: Decoder, prefix: Sequence[int], jobs: Sequence[Job]) -> list[WrittenAnswer]:
        asked.extend(list(job.prompt) for job in jobs)
        return [WrittenAnswer((), ()) for _ in jobs]

    monkeypatch.setattr(Decoder, "decode", decode)
    for chosen in (LlmSettings(), LlmSettings(opening="嗯，")):
        detector.with_settings(chosen).answer(["我叫张三"], [T.PERSON_NAME])
    plain, opened = asked
    assert opened == [*plain, *CHAT.encode("嗯，")]


class LimitedBackend:
    """The tiny model on a machine whose memory holds `limit` rows at a time."""

    rows = 8
    description = "limited"

    def __init__(self, limit: int) -> None:
        self.asked: list[int] = []
        self._limit = limit
        self._backend = tiny_model()

    def begin(self, prefix: Sequence[int], rows: int) -> Rows:
        self.asked.append(rows)
        if rows > self._limit:
            raise OutOfMemoryError("too little GPU memory")
        return self._backend.begin(prefix, rows)


def test_a_batch_too_big_for_the_memory_is_halved() -> None:
    backend = LimitedBackend(2)
    assert len(LlmEngine(backend, CHAT).detect(["张三"] * 5, [T.EMAIL])) == 5
    assert backend.asked == [5, 2, 3, 1, 2]
    with pytest.raises(ModelError, match="too little GPU memory"):
        LlmEngine(LimitedBackend(0), CHAT).detect(["张三"], [T.EMAIL])


def test_a_batch_gives_what_single_texts_give(detector: LlmEngine) -> None:
    texts = ["我叫张三，电话13800138000。", "好", "", "李四" * 30, "mail a@b.cn"]
    batch = detector.detect(texts, [T.PERSON_NAME, T.EMAIL])
    single = [detector.detect([text], [T.PERSON_NAME, T.EMAIL])[0] for text in texts]
    assert [prediction.entities for prediction in batch] == [prediction.entities for prediction in single]
    assert not batch[2].entities


def test_long_texts_are_answered_in_segments(detector: LlmEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answer = detector.answer

    def noted(texts: list[str], types: list[EntityType]) -> object:
        asked.extend(texts)
        return answer(texts, types)

    monkeypatch.setattr(detector, "answer", noted)
    text = "张三来了。" * 500
    detector.detect([text], [T.EMAIL])
    assert max(map(len, asked)) <= 1000
    assert "".join(asked).count("张三来了。") >= 500


def test_an_answer_that_takes_too_long_is_asked_again_in_parts(
    detector: LlmEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(texts: list[str], types: list[EntityType]) -> list[WrittenAnswer]:
        asked.extend(texts)
        answers = [encode_answer(text, [Entity(0, 2, T.PERSON_NAME)]).encode() for text in texts]
        return [
            WrittenAnswer([first if len(text) < 60 else first[:-2]], [0.0])
            for text, first in zip(texts, answers, strict=True)
        ]

    monkeypatch.setattr(detector, "answer", answer)
    (prediction,) = detector.detect(["张三来了。" * 30], [T.PERSON_NAME])
    assert [len(text) for text in asked[:3]] == [150, 75, 75]
    assert sum(len(text) < 60 for text in asked) >= len(prediction.entities) >= 4
    assert all(prediction.value(entity) == "张三" for entity in prediction.entities)


def test_of_entities_of_overlapping_segments_the_longest_stays(
    detector: LlmEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first segment names a part of a value, surely; the second names the whole value and another, less surely."""

    def answer(texts: list[str], types: list[EntityType]) -> list[WrittenAnswer]:
        return [second(text) if "王五" in text else named(text, 0.9, ("三李四", T.PERSON_NAME)) for text in texts]

    def second(text: str) -> WrittenAnswer:
        return named(text, 0.4, ("张三李四", T.ADDRESS), ("王五", T.EMAIL))

    def named(text: str, probability: float, *values: tuple[str, EntityType]) -> WrittenAnswer:
        starts = [text.index(value) for value, _ in values]
        entities = [Entity(at, at + len(value), kind) for at, (value, kind) in zip(starts, values, strict=True)]
        tokens = [bytes([byte]) for byte in encode_answer(text, entities).encode()]
        return WrittenAnswer(tokens, [math.log(probability)] * len(tokens))

    monkeypatch.setattr(detector, "answer", answer)
    (prediction,) = detector.detect(["字" * 950 + "张三李四" + "完" * 300 + "王五"])
    assert [(prediction.value(entity), entity.type) for entity in prediction.entities] == [
        ("张三李四", T.ADDRESS),
        ("王五", T.EMAIL),
    ]
    assert [detection.score for detection in prediction.detections] == pytest.approx([0.4, 0.4])


def test_lone_surrogates_are_refused(detector: LlmEngine) -> None:
    with pytest.raises(InvalidTextError):
        detector.detect(["\ud800"])


def test_the_public_api_loads_an_llm() -> None:
    found = Detector.load("llm", model="tiny-random-qwen2").detect("身份证11010519491231002X", ["ID_CARD_NUMBER"])
    assert [found.value(entity) for entity in found.entities] == ["11010519491231002X"]  # the rules, beside the model
    with pytest.raises(ModelError, match="needs a model, an adapter, or both"):
        Detector.load("llm")


def test_the_first_question_is_prepared(detector: LlmEngine) -> None:
    fresh = LlmEngine(detector.backend, CHAT)
    detector.backend.prefixes.clear()  # type: ignore[attr-defined]
    fresh.warm_up()
    (prefix,) = detector.backend.prefixes  # type: ignore[attr-defined]
    fresh.detect(["张三"])
    assert list(detector.backend.prefixes) == [prefix]  # type: ignore[attr-defined]
