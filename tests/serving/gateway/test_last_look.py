"""What is about to leave is looked at once more: names of fields, whole words, and nothing that the gateway wrote."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from schemas.engine import UnbiasedEngine
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from serving.engines.rules.engine import RulesEngine
from tests.serving.gateway.gateways import gateway
from tests.serving.gateway.test_edges import chat
from tests.serving.gateway.test_refusals import reason

pytestmark = pytest.mark.anyio
SAID = "张三丰 13812345678 a.b@example.com"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Told(UnbiasedEngine):
    """Finds a value behind the words `it is `, and nowhere else."""

    def __init__(self, value: str, kind: EntityType) -> None:
        self._value, self._kind = value, kind

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        return [self._detect(str(text)) for text in texts]

    def _detect(self, text: str) -> Prediction:
        start = text.find(f"it is {self._value}") + 6
        entity = Entity(start, start + len(self._value), self._kind)
        return Prediction(text, (Detection(entity, 0.99, "model"),) if start > 5 else ())


def called(arguments: str) -> dict[str, Any]:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def asked(*contents: Any) -> dict[str, Any]:
    messages = [one if isinstance(one, dict) else {"role": "user", "content": one} for one in contents]
    return {"model": "m", "messages": messages}


@pytest.mark.parametrize(
    "other",
    [
        called('{"13812345678": true}'),
        called('{"x": {"a.b@example.com": null}}'),
        called('{"x": [{"张三丰": {}}]}'),
        called('{"call 13812345678 now": []}'),
        called('{"13812345678": {"x": "y"}}'),
        called('{"\\u5f20\\u4e09\\u4e30": {}}'),
        called('{"\\\\u005cu5f20三丰": {}}'),
        called('{"q=%E5%BC%A0%E4%B8%89%E4%B8%B0": 1}'),
        called('{"x": "{\\"张三丰\\": true}"}'),
        '{"people": {"张三丰": {"ok": true}}}',
        '[{"13812345678": []}]',
    ],
)
async def test_a_masked_value_in_the_name_of_a_field_stops_the_request(other: Any) -> None:
    async with gateway() as target:
        answer = await target.post("/chat/completions", asked(SAID, other))
        assert answer.status_code == 422 and "left in the name of a field" in reason(answer)
        assert not target.upstream.bodies


async def test_names_of_an_object_that_another_of_its_name_follows_are_seen_too() -> None:
    said = json.dumps(asked(SAID)["messages"])
    body = f'{{"model": "m", "messages": [{{"role": "user", "13812345678": null}}], "messages": {said}}}'
    async with gateway() as target:
        answer = await target.client.post("/v1/chat/completions", content=body.encode())
        assert answer.status_code == 422 and "left in the name of a field" in reason(answer)
        assert not target.upstream.bodies


@pytest.mark.parametrize("body", [asked('{"13812345678": true}'), chat("x", metadata={"13812345678": None})])
async def test_a_name_of_a_field_that_has_the_form_of_a_value_stops_the_request(body: dict[str, Any]) -> None:
    async with gateway(engine=RulesEngine()) as target:
        answer = await target.post("/chat/completions", body)
        assert answer.status_code == 422 and "the form of PHONE_NUMBER" in reason(answer)
        assert not target.upstream.bodies


async def test_names_of_fields_without_values_pass() -> None:
    async with gateway() as target:
        body = asked(SAID, called('{"to": "张三丰", "ok": true, "more": {}}'))
        assert (await target.post("/chat/completions", body)).status_code == 200


@pytest.mark.parametrize("account", ["user", "content", "function", "text", "tool"])
async def test_an_account_that_is_named_as_a_word_of_the_protocol_stops_no_request(account: str) -> None:
    async with gateway(engine=Told(account, EntityType.USERNAME)) as target:
        tool = {"type": "function", "function": {"name": "f", "parameters": {"properties": {"user_id": {}}}}}
        body = asked(f"it is {account}", f"{account}!", called("{}")) | {"tools": [tool]}
        assert (await target.post("/chat/completions", body)).status_code == 200
        contents = [message["content"] for message in json.loads(target.upstream.bodies[0])["messages"]]
        assert not any(account in content for content in contents if content)
        said = [{"role": "user", "content": [{"type": "input_text", "text": f"it is {account}"}]}]
        assert (await target.post("/responses", {"model": "m", "input": said})).status_code == 200


@pytest.mark.parametrize("preamble", [False, True])
async def test_half_characters_in_names_of_fields_are_refused_and_noted(preamble: bool, tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    async with gateway(preamble=preamble, audit=audit) as target:
        for body in (chat(SAID, **{"x\ud800": True}), asked(SAID, called('{"x\\ud800": 1}'))):
            answer = await target.client.post("/v1/chat/completions", content=json.dumps(body))
            assert answer.status_code == 400 and "lone surrogates" in reason(answer)
        assert not target.upstream.bodies
    lines = [json.loads(line) for line in audit.read_text(encoding="utf-8").splitlines()]
    assert [line.get("decision") for line in lines[1:]] == ["refused 400"] * 2


@pytest.mark.parametrize(
    ("value", "kind", "other"),
    [
        ("12345678", EntityType.QQ_NUMBER, "order 99123456780012"),
        ("user1", EntityType.USERNAME, "superuser123"),
        ("1990", EntityType.PASSWORD, "born 19901231"),
        ("ab12", EntityType.PASSWORD, '{"cab123": "x"}'),
        ("codes", EntityType.PASSWORD, "hi"),
        ("EMAIL", EntityType.USERNAME, "to [EMAIL_kp3x9d]"),
        ("USERNAME", EntityType.USERNAME, "hi"),
    ],
)
async def test_parts_of_words_and_what_the_gateway_wrote_are_no_values(
    value: str, kind: EntityType, other: str
) -> None:
    async with gateway(engine=Told(value, kind), preamble=True) as target:
        answer = await target.post("/chat/completions", asked(f"it is {value}", other))
        assert answer.status_code == 200, answer.text
        _, first, second = json.loads(target.upstream.bodies[0])["messages"]
    assert first["content"].startswith(f"it is [{kind}_k") and second["content"] == other


@pytest.mark.parametrize("other", ["and 12345678!", "QQ12345678", "12-34-56-78", "1234&#53;678"])
async def test_what_is_a_word_is_masked_everywhere(other: str) -> None:
    async with gateway(engine=Told("12345678", EntityType.QQ_NUMBER)) as target:
        answer = await target.post("/chat/completions", asked("it is 12345678", other))
        assert answer.status_code == 200
        assert "[QQ_NUMBER_k" in json.loads(target.upstream.bodies[0])["messages"][1]["content"]
