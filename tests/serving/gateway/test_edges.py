"""Forms of requests and answers that are valid, and seldom."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from schemas.taxonomy import EntityType
from serving.engines.escapes import EscapeReader
from serving.gateway.answers import EventRestorer, restore_answer
from serving.gateway.protocols.openai import OpenAI
from serving.gateway.settings import Policy
from serving.gateway.sse import EventReader, ServerEvent
from serving.redaction import RedactionSession, redact_json
from tests.finding import behind_names
from tests.serving.gateway.gateways import KnownValues, gateway
from tests.serving.gateway.test_refusals import Blind, reason
from tests.serving.gateway.test_streams import ADDRESS, ADDRESS_CODE, MAP

pytestmark = pytest.mark.anyio
PHONE = "13812345678"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def chat(content: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": content}], **more}


@pytest.mark.parametrize("path", ["..%2ffiles%2fx", "%2e%2e/responses/r", "a/../../admin", "./x"])
async def test_no_path_leads_elsewhere(path: str) -> None:
    async with gateway() as target:
        answer = await target.client.get(f"/v1/models/{path}")
        assert answer.status_code in (400, 404) and not target.upstream.headers


async def test_numbers_that_are_no_settings_are_read() -> None:
    async with gateway() as target:
        assert (await target.post("/chat/completions", chat(f"打给{PHONE}", user=int(PHONE)))).status_code == 200
        assert PHONE not in target.upstream.bodies[0]
        answer = await target.post("/chat/completions", chat(f"打给{PHONE}", seed=int(PHONE)))
        assert answer.status_code == 422 and len(target.upstream.bodies) == 1


@pytest.mark.parametrize(("path", "name"), [("/embeddings", "input"), ("/completions", "prompt")])
async def test_text_as_tokens_is_refused(path: str, name: str) -> None:
    async with gateway() as target:
        for given in ([1, 2], [[1, 2], [3]]):
            answer = await target.post(path, {"model": "m", name: given})
            assert answer.status_code == 400 and "tokens" in reason(answer)
        assert not target.upstream.bodies


async def test_escapes_in_parts_of_a_string_are_read() -> None:
    text = "结果: " + json.dumps({"name": "张三丰"}) + "\n" + json.dumps("张三丰")
    async with gateway() as target:
        answer = await target.post("/chat/completions", chat(text))
        assert "\\u5f20" not in json.loads(target.upstream.bodies[0])["messages"][0]["content"]
        assert "张三丰" not in target.upstream.bodies[0]
        assert answer.json()["choices"][0]["message"]["content"].count("张三丰") == 2


async def test_escapes_of_what_is_no_visible_character_stay() -> None:
    text = '{"re": "[\\u0000-\\u001f\\u0022\\u005c]", "nl": "a\\u000ab\\u4e2d"}'
    async with gateway() as target:
        assert (await target.post("/chat/completions", chat(f"Fix: {text}"))).status_code == 200
        sent = json.loads(target.upstream.bodies[0])["messages"][0]["content"]
    assert sent == f"Fix: {text}".replace("\\u4e2d", "中")


async def test_numbers_that_python_cannot_write_again(tmp_path: Path) -> None:
    content = f'"messages": [{{"role": "user", "content": "{PHONE}"}}]'
    for number in ("1" * 5_000, "1e400"):
        body = f'{{"model": "m", {content}, "x": {number}}}'
        sent: list[str] = []

        def answered(request: httpx2.Request, sent: list[str] = sent) -> httpx2.Response:
            sent.append(request.read().decode())
            return httpx2.Response(200, json={})

        async with gateway(transport=httpx2.MockTransport(answered)) as target:
            answer = await target.client.post("/v1/chat/completions", content=body.encode())
            assert answer.status_code == 200 and number in sent[0] and PHONE not in sent[0]
        async with gateway(preamble=True) as target:
            answer = await target.client.post("/v1/chat/completions", content=body.encode())
            assert answer.status_code == 400 and "too long" in reason(answer)


@pytest.mark.parametrize(
    "more",
    [
        {"metadata": {PHONE: "x"}},
        {"tools": [{"type": "function", "function": {"name": f"x{PHONE}"}}]},
    ],
)
async def test_masked_values_in_names_stop_the_request(more: dict[str, Any]) -> None:
    async with gateway() as target:
        answer = await target.post("/chat/completions", chat(f"打给{PHONE}", **more))
        assert answer.status_code == 422 and not target.upstream.bodies


async def test_the_tripwire_knows_blocked_types() -> None:
    policy = Policy((EntityType.PERSON_NAME,), blocked=frozenset({EntityType.PHONE_NUMBER}))
    async with gateway(engine=Blind(), policy=policy) as target:
        assert (await target.post("/chat/completions", chat(f"打给{PHONE}"))).status_code == 422


def test_an_answer_that_is_a_number_stays_a_string_but_in_arguments() -> None:
    session = RedactionSession("keyed", hash_key=b"k")
    redacted = redact_json(json.dumps({"phone": int(PHONE)}), behind_names(KnownValues().detect), session)
    stand_in = json.loads(redacted)["phone"]
    call = {"function": {"arguments": json.dumps({"phone": stand_in})}}
    sent = json.dumps({"choices": [{"message": {"content": stand_in, "tool_calls": [call]}}]})
    message = json.loads(restore_answer(sent, OpenAI(), session.replacement_map))["choices"][0]["message"]
    assert message["content"] == PHONE
    assert json.loads(message["tool_calls"][0]["function"]["arguments"]) == {"phone": int(PHONE)}


@pytest.mark.parametrize("body", [{"model": "\ud800", "messages": []}, chat("\ud83d")])
async def test_half_characters_in_a_request_are_refused(body: dict[str, Any]) -> None:
    async with gateway() as target:
        answer = await target.client.post("/v1/chat/completions", content=json.dumps(body))
        assert answer.status_code == 400 and not target.upstream.bodies


def restored(*deltas: dict[str, Any]) -> list[dict[str, Any]]:
    restorer = EventRestorer(OpenAI(), MAP)
    events = [{"choices": [None, {"index": 1, "delta": delta}]} for delta in deltas]
    found = [one for event in events for one in restorer.feed(ServerEvent([f"data: {json.dumps(event)}"]))]
    return [json.loads(one.data or "") for one in [*found, *restorer.close()]]


def test_half_characters_in_a_stream_go_on() -> None:
    events = restored({"content": "\ud83d"}, {"content": "\ude00"})
    assert "".join(event["choices"][1]["delta"]["content"] for event in events) == "\ud83d\ude00"


def test_older_and_custom_tools_are_restored() -> None:
    pieces = ADDRESS_CODE[:9], ADDRESS_CODE[9:]
    older = restored(*({"function_call": {"arguments": piece}} for piece in pieces))
    written = json.dumps(ADDRESS, ensure_ascii=False)[1:-1]
    assert [one["choices"][1]["delta"]["function_call"]["arguments"] for one in older] == ["", written]
    custom = restored(*({"tool_calls": [{"index": 0, "custom": {"input": piece}}]} for piece in pieces))
    assert [one["choices"][1]["delta"]["tool_calls"][0]["custom"]["input"] for one in custom] == ["", ADDRESS]


async def test_empty_data_is_passed_on() -> None:
    event = ServerEvent(["data:"])
    assert list(EventRestorer(OpenAI(), MAP).feed(event)) == [event]


async def test_an_idempotency_key_leaves_as_its_digest() -> None:
    async with gateway() as target:
        for key in (PHONE, PHONE, "other"):
            await target.post("/chat/completions", chat("你好"), headers={"Idempotency-Key": key})
    first, again, other = (headers["idempotency-key"] for headers in target.upstream.headers)
    assert first == again != other and PHONE not in first


async def test_a_conversation_goes_on_where_its_history_holds_stand_ins() -> None:
    async with gateway() as target:
        messages = [{"role": "user", "content": "张三丰"}]
        await target.post("/chat/completions", {"model": "m", "messages": messages})
        stand_in = json.loads(target.upstream.bodies[0])["messages"][0]["content"]
        messages = [{"role": "user", "content": "我叫张三丰"}, {"role": "user", "content": f"写信给{stand_in}"}]
        answer = await target.post("/chat/completions", {"model": "m", "messages": messages})
        sent = [message["content"] for message in json.loads(target.upstream.bodies[1])["messages"]]
        assert sent == [f"我叫{stand_in}", f"写信给{stand_in}"]
        assert answer.json()["choices"][0]["message"]["content"] == "写信给张三丰"


async def test_a_short_name_that_is_the_name_of_a_field_stops_the_request() -> None:
    async with gateway() as target:
        tool = {"type": "function", "function": {"name": "f", "parameters": {"properties": {"张三丰": {}}}}}
        messages = [{"role": "user", "content": "我叫张三丰"}]
        answer = await target.post("/chat/completions", {"model": "m", "messages": messages, "tools": [tool]})
        assert answer.status_code == 422 and not target.upstream.bodies


async def test_metrics_say_what_the_gateway_adds_and_how_often_it_refuses() -> None:
    async with gateway() as target:
        await target.post("/chat/completions", {"model": "m", "messages": [{"role": "user", "content": "张三丰"}]})
        await target.post("/chat/completions", [])
        told = (await target.client.get("/metrics")).text
    assert "pii_sft_masking_seconds_count 2.0" in told
    assert 'pii_sft_requests_total{path="/v1/chat/completions",status="400"} 1.0' in told
    assert 'pii_sft_entities_total{type="PERSON_NAME"} 1.0' in told


async def test_embeddings_get_no_instruction() -> None:
    async with gateway(preamble=True) as target:
        await target.post("/embeddings", {"model": "m", "input": "张三丰"})
        assert json.loads(target.upstream.bodies[0]).keys() == {"model", "input"}


async def test_escapes_in_json_in_strings_are_read_at_any_depth() -> None:
    text = "结果: " + json.dumps(f"电话{PHONE}").replace("138", "\\u0031\\u00338")
    async with gateway() as target:
        for _ in range(6):
            text = json.dumps({"out": text})
            assert (await target.post("/chat/completions", chat(text))).status_code == 200
        assert len(target.upstream.bodies) == 6
        assert not any("12345678" in body for body in target.upstream.bodies)


async def test_json_that_nests_deep_is_refused() -> None:
    deep: Any = 1
    for _ in range(100):
        deep = {"a": deep}
    async with gateway() as target:
        answer = await target.post("/chat/completions", chat("x", tools=deep))
        assert answer.status_code == 400 and not target.upstream.bodies


def test_the_last_event_may_have_other_separators_of_lines() -> None:
    reader = EventReader()
    assert list(reader.feed('data: {"a":"x\u2028y"}'.encode())) == []
    assert [event.data for event in reader.close()] == ['{"a":"x\u2028y"}']


async def test_a_value_with_escapes_is_not_left_plain_elsewhere() -> None:
    plain, escaped = "a.b@example.com", "a.b%40example.com"
    async with gateway(engine=EscapeReader(KnownValues())) as target:
        for content, other in ((escaped, plain), (plain, escaped)):
            body = {"model": "m", "messages": [{"role": "user", "content": content}], "metadata": {other: "x"}}
            assert (await target.post("/chat/completions", body)).status_code == 422
        texts = ["张三丰", "&#24352;&#19977;&#20016;"]
        body = {"model": "m", "messages": [{"role": "user", "content": text} for text in texts]}
        assert (await target.post("/chat/completions", body)).status_code == 200
    sent = str(target.upstream.bodies[-1])
    assert "张三丰" not in sent
