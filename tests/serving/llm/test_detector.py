"""The LLM detector with a random model: whatever the weights, its answers obey the grammar."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from llguidance import LLMatcher, LLTokenizer

from pii_sft.detector import Detector
from pii_sft.llm import load_llm
from schemas.chat_tokenizer import ChatTokenizer
from schemas.codec import encode_answer
from schemas.entity import Entity, Example
from schemas.errors import InvalidTextError, ModelError
from schemas.json_schema import answer_schema
from schemas.prediction import Detection
from schemas.taxonomy import ALL_TYPES, EntityType
from schemas.taxonomy import EntityType as T
from serving.llm.answers import Written, read_answer
from serving.llm.detector import LlmDetector, _merge
from serving.llm.grammar import answer_grammar
from tests.strategies import examples
from training.llm.base import open_base
from training.llm.recipe import Base

LOADED = open_base(Base(model="tiny-random-qwen2"))
CHAT: ChatTokenizer = LOADED.chat
TOKENIZER = LLTokenizer(LOADED.tokenizer.backend_tokenizer.to_str(), eos_token=CHAT.end)
odd_texts = st.text(st.sampled_from('张三a1 "\\\n\x01\x7f😀𠮷é}]{,:'), max_size=40) | st.text(max_size=40)
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def detector() -> LlmDetector:
    return load_llm("tiny-random-qwen2", dtype="float32")


def accepted(text: str, types: tuple[EntityType, ...], answer: str) -> bool:
    """Whether the grammar of `text` and `types` accepts the whole `answer`."""
    matcher = LLMatcher(TOKENIZER, answer_grammar(text, types))
    assert not matcher.is_error(), matcher.get_error()
    ids = CHAT.encode(answer)
    return matcher.validate_tokens([*ids, CHAT.end]) == len(ids) + 1


@given(examples())
@slow
def test_every_answer_of_the_codec_is_accepted(example: Example) -> None:
    text = example.document.text
    types = tuple({entity.type for entity in example.entities}) or (T.EMAIL,)
    assert accepted(text, types, encode_answer(text, example.entities))


@given(examples(), st.data())
@slow
def test_mutated_answers_are_refused(example: Example, data: st.DataObject) -> None:
    text = example.document.text
    answer = encode_answer(text, example.entities)
    at = data.draw(st.integers(0, len(answer) - 1))
    char = data.draw(st.characters(codec="utf-8", exclude_categories=("Cs",)))
    mutated = answer[:at] + char + answer[at + data.draw(st.integers(0, 1)) :]
    if accepted(text, ALL_TYPES, mutated):
        values = [item["value"] for item in json.loads(mutated)["entities"]]
        assert all(value and value in text for value in values)
        assert mutated == json.dumps(json.loads(mutated), ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize(
    "answer",
    [
        '{"entities":[{"type":"EMAIL","value":""}]}',
        '{"entities":[{"type":"EMAIL","value":"王五"}]}',
        '{"entities":[{"type":"PHONE_NUMBER","value":"张三"}]}',
        '{"entities": []}',
        '{"entities":[{"value":"张三","type":"EMAIL"}]}',
        '{"entities":[{"type":"EMAIL","value":"\\u5f20"}]}',
        '{"entities":[]} ',
    ],
)
def test_what_the_codec_never_writes_is_refused(answer: str) -> None:
    assert not accepted("我叫张三", (T.EMAIL, T.PERSON_NAME), answer)


@given(odd_texts, st.lists(st.sampled_from(ALL_TYPES), min_size=1, max_size=4, unique=True))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_weights_answers_are_valid_and_grounded(
    detector: LlmDetector, text: str, types: list[EntityType]
) -> None:
    (written,) = detector.answer([text], types)
    found, whole = read_answer(text, written)
    if whole:
        Draft202012Validator(answer_schema(types)).validate(json.loads(written.answer))
    assert {detection.entity.type for detection in found} <= set(types)
    (prediction,) = detector.detect([text], types)
    assert all(0 <= detection.score <= 1 for detection in prediction.detections)


def test_a_batch_gives_what_single_texts_give(detector: LlmDetector) -> None:
    texts = ["我叫张三，电话13800138000。", "好", "", "李四" * 30, "mail a@b.cn"]
    batch = detector.detect(texts, [T.PERSON_NAME, T.EMAIL])
    single = [detector.detect([text], [T.PERSON_NAME, T.EMAIL])[0] for text in texts]
    assert [prediction.entities for prediction in batch] == [prediction.entities for prediction in single]
    assert not batch[2].entities


def test_long_texts_are_answered_in_segments(detector: LlmDetector, monkeypatch: pytest.MonkeyPatch) -> None:
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
    detector: LlmDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(texts: list[str], types: list[EntityType]) -> list[Written]:
        asked.extend(texts)
        first = encode_answer(texts[0], [Entity(0, 2, T.PERSON_NAME)]).encode()
        return [Written([first if len(texts[0]) < 60 else first[:-2]], [0.0])] * len(texts)

    monkeypatch.setattr(detector, "answer", answer)
    (prediction,) = detector.detect(["张三来了。" * 30], [T.PERSON_NAME])
    assert [len(text) for text in asked[:3]] == [150, 75, 75]
    assert sum(len(text) < 60 for text in asked) >= len(prediction.entities) >= 4
    assert all(prediction.value(entity) == "张三" for entity in prediction.entities)


def test_overlapping_segments_keep_the_longest() -> None:
    short, long, other = (
        Detection(Entity(3, 5, T.PERSON_NAME), 0.9, "model"),
        Detection(Entity(2, 6, T.ADDRESS), 0.4, "model"),
        Detection(Entity(6, 8, T.EMAIL), 0.5, "model"),
    )
    assert _merge([short, other, long, long]) == (long, other)


def test_lone_surrogates_are_refused(detector: LlmDetector) -> None:
    with pytest.raises(InvalidTextError):
        detector.detect(["\ud800"])


def test_the_public_api_loads_an_llm() -> None:
    found = Detector.load_llm("tiny-random-qwen2").detect("身份证11010519491231002X", ["ID_CARD_NUMBER"])
    assert [found.value(entity) for entity in found.entities] == ["11010519491231002X"]  # the rules, beside the model
    with pytest.raises(ModelError, match="needs a model, an adapter, or both"):
        Detector.load_llm(None)
