"""LiteLLM's guardrail API: what it is asked, and what it is told."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from schemas.taxonomy import EntityType
from serving.engines.rules.engine import RulesEngine
from serving.gateway.application import Engines
from serving.gateway.guardrail import RecentCalls, create_guardrail
from serving.gateway.settings import GatewaySettings, Policy
from serving.redaction import RedactionSession
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
            "blocked_reason": "a tool call holds a value where it cannot be masked",
        }


@pytest.mark.parametrize(
    ("settings", "body", "reason"),
    [
        ({"engine": Failing()}, {"texts": [TEXT]}, "the detector failed; nothing was sent"),
        (
            {"policy": Policy(blocked=frozenset({EntityType.PHONE_NUMBER}))},
            {"texts": [TEXT]},
            "the request holds what may not leave: PHONE_NUMBER",
        ),
        ({}, {"images": ["data:image/png;base64,AAAA"]}, "pictures, sound and files cannot be read"),
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


async def test_the_audit_is_told(tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    async with guardrail(audit=audit) as asked:
        await asked.post("request", texts=[TEXT], model="gpt-4o")
    written = audit.read_text()
    line = json.loads(written.splitlines()[-1])
    assert (line["route"], line["model"], line["decision"]) == (PATH, "gpt-4o", "sent")
    assert line["counts"] == {"PERSON_NAME": 1, "PHONE_NUMBER": 1}
    assert not any(value in written for value in VALUES)


def test_calls_are_forgotten() -> None:
    session = RedactionSession("keyed", hash_key=b"k" * 32)
    calls = RecentCalls(most=2)
    for number in range(3):
        calls.add("", str(number), session.replacement_map)
    assert [len(calls.of("", str(number))) for number in range(3)] == [0, 1, 1]
    late = RecentCalls(seconds=0)
    late.add("", "0", session.replacement_map)
    assert not late.of("", "0")
