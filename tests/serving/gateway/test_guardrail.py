"""LiteLLM's guardrail API: what it is asked, and what it is told."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType
from serving.engines.rules.engine import RulesEngine
from serving.gateway.application import Engines
from serving.gateway.guardrail import create_guardrail
from serving.gateway.recent_calls import RecentCalls
from serving.gateway.settings import GatewaySettings, Policy
from serving.redaction import RedactionSession, ReplacementMap
from serving.service.settings import ServiceSettings
from tests.serving.gateway.gateways import VALUES, KnownValues
from tests.serving.gateway.test_refusals import Failing

pytestmark = pytest.mark.anyio
PATH = "/beta/litellm_basic_guardrail_api"
TEXT = "张三丰的电话是13812345678"
CALL = {"id": "c", "type": "function", "function": {"name": "call", "arguments": '{"to":"13812345678"}'}}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Asked:
    """LiteLLM."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client

    async def post(self, kind: str, /, key: str = "", **body: Any) -> dict[str, Any]:
        more = {"input_type": kind, "request_data": {}, "litellm_call_id": "call-1", "litellm_version": "1"}
        answer = await self.client.post(PATH, json=more | body, headers={"x-api-key": key})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@asynccontextmanager
async def guardrail(
    engine: Any = None,
    service: ServiceSettings = ServiceSettings(),  # noqa: B008 - frozen
    **settings: Any,
) -> AsyncIterator[Asked]:
    engines = Engines(engine or KnownValues(), RulesEngine())
    app = create_guardrail(engines, GatewaySettings(**({"secret": b"s" * 32} | settings)), service)
    inside = httpx2.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=inside, base_url="http://g") as client:
        yield Asked(client)


async def test_texts_leave_masked_and_come_back() -> None:
    async with guardrail() as asked:
        told = await asked.post("request", texts=[TEXT, "你好"], model="gpt")
        assert set(told) == {"action", "texts"} and told["action"] == "GUARDRAIL_INTERVENED"
        masked, other = told["texts"]
        assert other == "你好" and not any(value in masked for value in VALUES)
        back = await asked.post("response", texts=[f"记下了：{masked}。"])
        assert back == {
            "action": "GUARDRAIL_INTERVENED",
            "texts": [f"记下了：{TEXT}。"],
            "stream_holdback_chars": [0],
        }


@pytest.mark.parametrize("role", ["system", "tool"])
async def test_a_text_that_litellm_does_not_take_back_is_blocked(role: str) -> None:
    """Some of its handlers ask about texts of users alone, and tell the rest of the messages."""
    messages = [{"role": role, "content": TEXT}, {"role": "user", "content": "你好"}]
    async with guardrail() as asked:
        told = await asked.post("request", texts=["你好"], structured_messages=messages)
        assert told["action"] == "BLOCKED" and "cannot be masked" in told["blocked_reason"]
        messages[0]["content"] = "没有什么"
        assert (await asked.post("request", texts=["你好"], structured_messages=messages))["action"] == "NONE"


async def test_what_holds_no_value_passes() -> None:
    async with guardrail() as asked:
        assert await asked.post("request", texts=["你好"]) == {"action": "NONE"}
        assert await asked.post("request") == {"action": "NONE"}
        assert await asked.post("response", texts=["[PERSON_NAME_kp3x9d]"]) == {"action": "NONE"}


async def test_a_text_that_is_being_written_is_held_back_where_a_stand_in_may_follow() -> None:
    async with guardrail() as asked:
        masked = (await asked.post("request", texts=[TEXT]))["texts"][0]
        stand_in = masked[: masked.index("]") + 1]
        for end in range(1, len(stand_in)):
            told = await asked.post("response", texts=["有" + stand_in[:end]])
            [text], [held] = told["texts"], told["stream_holdback_chars"]
            assert held and text[:-held] == "有"
        told = await asked.post("response", texts=["有" + stand_in])
        assert told["texts"] == ["有张三丰"]


async def test_calls_of_tools_are_masked_within_the_messages_and_tools_in_their_texts() -> None:
    messages = [{"role": "user", "content": "打给他"}, {"role": "assistant", "tool_calls": [CALL]}]
    tools = [{"type": "function", "function": {"name": "call", "description": "问张三丰", "parameters": {}}}]
    async with guardrail() as asked:
        told = await asked.post("request", texts=["打给他"], structured_messages=messages, tool_calls=[CALL])
        arguments = told["structured_messages"][1]["tool_calls"][0]["function"]["arguments"]
        assert arguments.startswith('{"to":"[PHONE_NUMBER_') and told["structured_messages"][0] == messages[0]
        assert told["texts"] == ["打给他"]
        told = await asked.post("request", texts=["打给他"], tools=tools)
        assert told["tools"][0]["function"]["description"].startswith("问[PERSON_NAME_")
        assert told["tools"][0]["function"]["name"] == "call" and "structured_messages" not in told
        told = await asked.post("request", tool_calls=[CALL])
        assert told == {
            "action": "BLOCKED",
            "blocked_reason": "a call of a tool holds a value where it cannot be masked",
        }


async def test_other_parts_of_a_message_are_masked_where_litellm_takes_them_back_and_blocked_elsewhere() -> None:
    async with guardrail() as asked:
        rows = [{"role": "user", "name": "张三丰", "content": "你好"}]
        told = await asked.post("request", texts=["你好"], structured_messages=rows)
        assert told["structured_messages"][0]["name"].startswith("[PERSON_NAME_") and told["texts"] == ["你好"]
        rows = [{"role": "assistant", "reasoning_content": "张三丰要一封信", "content": "你好"}]
        told = await asked.post("request", texts=["你好"], structured_messages=rows)
        assert told["action"] == "BLOCKED" and "where it cannot be masked" in told["blocked_reason"]


async def test_parts_of_messages_that_are_texts_come_back_as_texts() -> None:
    rows = [{"role": "user", "content": [{"type": "text", "text": TEXT}, {"type": "text", "text": "你好"}]}]
    async with guardrail() as asked:
        told = await asked.post("request", texts=[TEXT, "你好", TEXT], structured_messages=rows)
        assert set(told) == {"action", "texts"} and told["texts"][1] == "你好"
        assert told["texts"][0] == told["texts"][2] != TEXT


async def test_a_conversation_goes_on_where_its_history_holds_stand_ins() -> None:
    async with guardrail() as asked:
        (masked,) = (await asked.post("request", texts=[TEXT]))["texts"]
        told = await asked.post("request", texts=[TEXT, f"好的，{masked}"])
        assert told["texts"] == [masked, f"好的，{masked}"]


async def test_half_a_character_is_refused() -> None:
    async with guardrail() as asked:
        body = b'{"input_type": "response", "texts": ["\\ud83d"]}'
        answer = await asked.client.post(PATH, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 422


@pytest.mark.parametrize(
    ("settings", "body", "reason"),
    [
        ({"engine": Failing()}, {"texts": [TEXT]}, "the detector failed; nothing was sent"),
        (
            {"policy": Policy(blocked=frozenset({EntityType.PHONE_NUMBER}))},
            {"texts": [TEXT]},
            "the request holds what may not leave: PHONE_NUMBER",
        ),
        ({}, {"images": ["https://example.com/a.png"]}, "pictures, sound and files cannot be read"),
        (
            {},
            {"structured_messages": [{"content": [{"type": "video_url", "video_url": "data:video/mp4;base64,AA"}]}]},
            "pictures, sound and files cannot be read",
        ),
        ({"service": ServiceSettings(max_characters=9)}, {"texts": [TEXT]}, "more than 9 characters"),
    ],
)
async def test_what_may_not_leave_is_blocked(settings: dict[str, Any], body: dict[str, Any], reason: str) -> None:
    async with guardrail(**settings) as asked:
        told = await asked.post("request", **body)
        assert told["action"] == "BLOCKED" and told["blocked_reason"].startswith(reason)
        assert set(told) == {"action", "blocked_reason"}


async def test_a_call_belongs_to_its_key(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"a {'a' * 16}\nb {'b' * 16}\n")
    async with guardrail(service=ServiceSettings(api_keys=keys)) as asked:
        masked = (await asked.post("request", key="a" * 16, texts=[TEXT]))["texts"]
        assert (await asked.post("response", key="b" * 16, texts=masked)) == {"action": "NONE"}
        assert (await asked.post("response", key="a" * 16, texts=masked))["texts"] == [TEXT]


async def test_a_call_that_is_masked_twice_is_restored_for_both() -> None:
    async with guardrail() as asked:
        masked = [(await asked.post("request", texts=[text]))["texts"][0] for text in ("张三丰", "a.b@example.com")]
        assert (await asked.post("response", texts=[" ".join(masked)]))["texts"] == ["张三丰 a.b@example.com"]


async def test_the_audit_is_told_what_became_of_a_request(tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    async with guardrail(audit=audit) as asked:
        rows = [{"role": "user", "content": TEXT}]
        await asked.post("request", texts=[TEXT], structured_messages=rows, model="gpt-4o")
        await asked.post("request", tool_calls=[CALL], model="gpt-4o")
    written = audit.read_text()
    _, sent, refused = map(json.loads, written.splitlines())
    assert (sent["route"], sent["model"], sent["decision"]) == (PATH, "gpt-4o", "sent")
    assert sent["counts"] == {"PERSON_NAME": 1, "PHONE_NUMBER": 1}
    assert (refused["model"], refused["decision"]) == ("gpt-4o", "refused 403")
    assert not any(value in written for value in VALUES)


def test_calls_are_forgotten() -> None:
    def masked(values: int) -> ReplacementMap:
        session = RedactionSession("keyed", hash_key=b"k" * 32)
        for number in range(values):
            session.redact(f"{number}号", [Entity(0, len(f"{number}号"), EntityType.PERSON_NAME)])
        return session.replacement_map

    calls = RecentCalls(most=2)
    for number in range(3):
        calls.add("", str(number), masked(1))
    assert [len(calls.of("", str(number))) for number in range(3)] == [0, 1, 1]
    calls.add("", "2", masked(1))
    assert len(calls.of("", "2")) == 1 and len(calls.of("", "1")) == 1
    calls.add("", "large", masked(3))
    assert not any(calls.of("", call) for call in ("1", "2", "large"))
    calls = RecentCalls()
    for values in range(1, 20):
        calls.add("", "0", masked(values))
    assert [len(one) for one in calls.of("", "0")] == [*range(19, 11, -1)]
    late = RecentCalls(seconds=0)
    late.add("", "0", masked(1))
    assert not late.of("", "0")


async def test_escapes_alone_are_no_values() -> None:
    function = {"name": "call", "arguments": json.dumps({"re": "a \\u4f60 b"})}
    call = {"id": "c", "type": "function", "function": function}
    noted = [{"role": "user", "content": "你好", "note": "a \\u4f60 b"}]
    async with guardrail() as asked:
        assert await asked.post("request", texts=["see \\u0041"]) == {"action": "NONE"}
        assert await asked.post("request", tool_calls=[call]) == {"action": "NONE"}
        assert await asked.post("request", texts=["你好"], structured_messages=noted) == {"action": "NONE"}
        told = await asked.post(
            "request", texts=[TEXT], structured_messages=[*noted, {"role": "user", "content": TEXT}]
        )
        assert told["action"] == "GUARDRAIL_INTERVENED" and "structured_messages" not in told
        function["arguments"] = json.dumps({"to": "\\u5f20\\u4e09\\u4e30"})
        assert (await asked.post("request", tool_calls=[call]))["action"] == "BLOCKED"
