"""What leaves holds no value, and what comes back is what was said."""

import json
from typing import Any

import pytest

from serving.gateway.fake_upstream import said
from tests.serving.gateway.gateways import VALUES, Gateway, gateway

pytestmark = pytest.mark.anyio
TEXT = "、".join(VALUES)
ARGUMENTS = json.dumps(
    {"who": "张三丰", "phones": [13812345678], "note": json.dumps({"to": "王小明"})}, ensure_ascii=False
)

CHAT: dict[str, Any] = {
    "model": "gpt",
    "temperature": 0.5,
    "user": "a.b@example.com",
    "messages": [
        {"role": "system", "content": "你是 王小明 的助手"},
        {"role": "user", "content": f"请联系{TEXT}"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "call", "arguments": ARGUMENTS}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": json.dumps({"result": TEXT})},
        {"role": "user", "content": [{"type": "text", "text": TEXT}, {"type": "text", "text": "再说一遍"}]},
    ],
    "tools": [
        {
            "type": "function",
            "function": {"name": "call", "description": "打给 王小明", "parameters": {"type": "object"}},
        }
    ],
}
MESSAGES: dict[str, Any] = {
    "model": "claude",
    "max_tokens": 100,
    "system": [{"type": "text", "text": "你是 王小明 的助手", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": TEXT},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "[PERSON_NAME_k3f7q2]", "signature": "c2ln"},
                {"type": "tool_use", "id": "t1", "name": "call", "input": {"who": "张三丰", "phone": 13812345678}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": TEXT}]},
                {"type": "text", "text": f"再说一遍：{TEXT}"},
            ],
        },
    ],
}
RESPONSES: dict[str, Any] = {
    "model": "gpt",
    "instructions": "你是 王小明 的助手",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": TEXT}]},
        {"type": "function_call", "call_id": "c1", "name": "call", "arguments": ARGUMENTS},
        {"type": "function_call_output", "call_id": "c1", "output": TEXT},
        {"type": "reasoning", "id": "r1", "summary": [], "encrypted_content": "abc"},
        {"role": "user", "content": f"再说一遍：{TEXT}"},
    ],
}
BODIES = {
    ("openai", "/chat/completions"): CHAT,
    ("openai", "/responses"): RESPONSES,
    ("openai", "/completions"): {"model": "gpt", "prompt": [f"请联系{TEXT}"]},
    ("anthropic", "/messages"): MESSAGES,
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def assert_masked(target: Gateway) -> None:
    """That no value is left in what the provider got, whatever escapes it has."""
    (sent,) = target.upstream.bodies
    for written in (sent, json.dumps(json.loads(sent)), json.dumps(json.loads(sent), ensure_ascii=False)):
        for value in VALUES:
            for spelling in (value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
                assert spelling not in written


def texts_of(path: str, answer: Any) -> list[str]:
    """The text and the arguments of a whole answer."""
    if path == "/messages":
        return [answer["content"][0]["text"], answer["content"][1]["input"]["text"]]
    if path == "/responses":
        return [answer["output"][0]["content"][0]["text"]]
    (choice,) = answer["choices"]
    if path == "/completions":
        return [choice["text"]]
    return [
        choice["message"]["content"],
        json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"])["text"],
    ]


@pytest.mark.parametrize(("protocol", "path"), BODIES)
async def test_no_value_leaves_and_all_come_back(protocol: str, path: str) -> None:
    body = BODIES[protocol, path]
    async with gateway(protocol) as target:
        answer = await target.post(path, body)
        assert answer.status_code == 200
        assert_masked(target)
        assert texts_of(path, answer.json()) == [said(body)] * len(texts_of(path, answer.json()))


@pytest.mark.parametrize(("protocol", "path"), BODIES)
async def test_streams_say_the_same(protocol: str, path: str) -> None:
    body = BODIES[protocol, path] | {"stream": True}
    async with gateway(protocol) as target:
        events = await target.events(path, body)
        assert_masked(target)
    told: dict[str, str] = {"text": "", "arguments": ""}
    for name, data in events:
        if data == "[DONE]":
            continue
        event = json.loads(data)
        assert name == event.get("type")
        for kind, piece in pieces(event):
            told[kind] += piece
    expected = said(body)
    assert told["text"] == expected
    if told["arguments"]:
        assert json.loads(told["arguments"]) == {"text": expected}
    if path == "/responses":
        assert json.loads(events[-1][1])["response"]["output"][0]["content"][0]["text"] == expected


def pieces(event: dict[str, Any]) -> list[tuple[str, str]]:
    """The pieces of text and of arguments in an event."""
    found = []
    if event.get("type") == "response.output_text.delta":
        found.append(("text", event["delta"]))
    if event.get("type") == "content_block_delta":
        delta = event["delta"]
        found.append(("text", delta["text"]) if "text" in delta else ("arguments", delta["partial_json"]))
    for choice in event.get("choices", ()):
        found.append(("text", choice.get("text") or choice.get("delta", {}).get("content") or ""))
        for call in choice.get("delta", {}).get("tool_calls", ()):
            found.append(("arguments", call["function"].get("arguments", "")))
    return found


async def test_names_settings_and_what_is_signed_stay_as_they_are() -> None:
    async with gateway("anthropic") as target:
        await target.post("/messages", MESSAGES)
        sent = json.loads(target.upstream.bodies[0])
    assert sent["model"] == "claude" and sent["max_tokens"] == 100
    assert sent["messages"][1]["content"][0] == MESSAGES["messages"][1]["content"][0]
    assert sent["messages"][2]["content"][0]["tool_use_id"] == "t1"


async def test_one_value_has_one_stand_in_in_all_requests_of_a_key_and_another_under_another_secret() -> None:
    body = {"model": "gpt", "messages": [{"role": "user", "content": "张三丰"}]}
    sent = []
    for secret in (b"s" * 32, b"s" * 32, b"t" * 32):
        async with gateway(secret=secret) as target:
            await target.post("/chat/completions", body)
            sent.append(json.loads(target.upstream.bodies[0])["messages"][0]["content"])
    assert sent[0] == sent[1] != sent[2]
    assert sent[0].startswith("[PERSON_NAME_k")


async def test_what_the_request_did_not_issue_stays() -> None:
    foreign = "[PERSON_NAME_k22222] 和 [PHONE_NUMBER_1]"
    async with gateway() as target:
        answer = await target.post(
            "/chat/completions", {"model": "m", "messages": [{"role": "user", "content": foreign}]}
        )
    assert answer.json()["choices"][0]["message"]["content"] == foreign


async def test_lists_of_models_pass() -> None:
    async with gateway() as target:
        assert (await target.client.get("/v1/models")).json()["data"][0]["id"] == "fake"
