"""A model behind an OpenAI-compatible server: what is asked, and that no text passes unsearched."""

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from schemas.errors import InvalidTextError, ModelError, RefusedTextError
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType as T
from serving.engines.llm.few_shot import FEW_SHOT_EXAMPLES
from serving.engines.remote.openai import Completion, Config, RemoteEngine, load
from tests.serving.engines.remote.servers import Handler, server

TYPES = (T.PERSON_NAME, T.PHONE_NUMBER)
TEXT = "张三的邮箱a@b.com，手机13800138000，住北京市朝阳区建国路88号。"
ITEM = '{"type":"PERSON_NAME","value":"张三"}'


def completion(content: str) -> httpx2.Response:
    usage = {"prompt_tokens": 300, "completion_tokens": 20}
    return httpx2.Response(200, json={"choices": [{"message": {"content": content}}], "usage": usage})


def engine(handler: Handler, **options: Any) -> RemoteEngine:
    return RemoteEngine(server(handler, "http://server/v1/chat/completions"), "some-model", **options)


def test_a_server_gets_the_published_prompt() -> None:
    seen: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return completion(f'{{"entities":[{ITEM}]}}')

    model = engine(handler, schema=True, examples=FEW_SHOT_EXAMPLES)
    assert model.complete([TEXT, "张三"], TYPES) == [Completion(f'{{"entities":[{ITEM}]}}', 300, 20)] * 2
    assert {str(request.url) for request in seen} == {"http://server/v1/chat/completions"}
    assert seen[0].headers["Authorization"] == "Bearer the-key"
    body = json.loads(seen[0].content)
    assert [message["role"] for message in body["messages"]] == ["system", *["user", "assistant"] * 3, "user"]
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["entities"]
    assert body["temperature"] == 0 and body["model"] == "some-model"


def test_it_detects_what_is_in_the_text() -> None:
    invented = '{"type":"PHONE_NUMBER","value":"13900139000"}'
    (found,) = engine(lambda _: completion(f'{{"entities":[{ITEM},{invented}]}}')).detect([TEXT], TYPES)
    assert found.entities == (Entity(0, 2, T.PERSON_NAME),)
    assert found.detections[0].source == "model"


def test_a_value_is_found_where_it_stands_in_escapes() -> None:
    asked: list[str] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.content.decode())
        return completion(f'{{"entities":[{ITEM}]}}')

    text = r'{"name": "\u5f20\u4e09"}'
    reader = replace(load(Config(model="http://server/v1#some-model")).engine, engine=engine(handler))
    (found,) = reader.detect([text], TYPES)
    assert found.entities == (Entity(10, 22, T.PERSON_NAME),)
    assert len(asked) == 1 and "张三" in asked[0]


def test_further_mentions_of_a_value_are_marked() -> None:
    text = "张三13800138000，张三的号码13800138000不变，订单138001380001"
    phone = '{"type":"PHONE_NUMBER","value":"13800138000"}'
    (found,) = engine(lambda _: completion(f'{{"entities":[{ITEM},{phone}]}}')).detect([text], TYPES)
    assert [text[one.start : one.end] for one in found.entities] == ["张三", "13800138000"] * 2


def test_an_unreadable_answer_is_the_fault_of_its_text_once_another_could_be_read() -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        return completion("不行" if "写诗".encode() in request.content else '{"entities":[]}')

    with pytest.raises(ModelError, match="not JSON of the right form"):
        engine(handler).detect(["写诗"], TYPES)
    with pytest.raises(RefusedTextError, match=r"1 of 3 texts failed: .* not JSON of the right form"):
        engine(handler, concurrency=1).detect(["写诗", TEXT, "张三"], TYPES)


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_a_part_of_an_answer_is_none(reason: str) -> None:
    choice = {"message": {"content": '{"entities":[]}'}, "finish_reason": reason}
    with pytest.raises(ModelError, match="cut the model's answer off"):
        engine(lambda _: httpx2.Response(200, json={"choices": [choice]})).detect([TEXT], TYPES)


@pytest.mark.parametrize("content", ["好的，结果如下", '{"entities":[', ""])
def test_an_answer_that_cannot_be_read_is_an_error_and_not_a_clean_text(content: str) -> None:
    with pytest.raises(ModelError, match="not JSON of the right form") as caught:
        engine(lambda _: completion(content)).detect([TEXT], TYPES)
    assert "张三" not in str(caught.value)


def test_a_lone_surrogate_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(InvalidTextError):
        engine(lambda _: pytest.fail("a request was sent")).detect(["\ud800"], TYPES)


def test_a_refused_text_is_told_of() -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(400) if "敏感".encode() in request.content else completion('{"entities":[]}')

    model = engine(handler, concurrency=1)
    with pytest.raises(ModelError, match="status 400"):  # a server that never answered may refuse everything
        model.complete(["敏感"], TYPES)
    assert engine(handler, concurrency=1).complete(["敏感", TEXT], TYPES)[0] is None
    first, second = model.complete([TEXT, "敏感"], TYPES)
    assert first is not None and second is None
    with pytest.raises(RefusedTextError, match="refuses a text of 2 characters"):
        model.detect(["敏感"], TYPES)
    with pytest.raises(RefusedTextError, match="1 of 2 texts failed"):
        model.detect([TEXT, "敏感"], TYPES)


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (httpx2.Response(401, text=TEXT), "status 401"),
        (httpx2.Response(200, json={"choices": []}), "the answer is not a chat completion"),
        (httpx2.Response(200, json=[TEXT]), "the answer is not a chat completion"),
    ],
)
def test_a_server_that_fails_is_named_without_the_text(response: httpx2.Response, told: str) -> None:
    with pytest.raises(ModelError) as caught:
        engine(lambda request: response).complete([TEXT], TYPES)
    assert str(caught.value) == f"http://server/v1/chat/completions: {told}"


@pytest.mark.parametrize("model", ["", "server#model", "http://server/v1"])
def test_an_address_without_a_model_is_refused(model: str) -> None:
    with pytest.raises(ModelError, match="needs an address and a model"):
        load(Config(model=model))
