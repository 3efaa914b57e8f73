"""What is not understood, or could leak, does not leave."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from schemas.engine import UnbiasedEngine
from schemas.errors import DataError
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from serving.gateway.audit import verify_audit
from serving.gateway.settings import Policy, read_policies
from serving.service.settings import ServiceSettings
from tests.serving.gateway.gateways import gateway

pytestmark = pytest.mark.anyio
CHAT = {"model": "gpt", "messages": [{"role": "user", "content": "张三丰的电话是13812345678"}]}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def reason(answer: httpx2.Response) -> str:
    message: str = answer.json()["error"]["message"]
    return message


class Failing(UnbiasedEngine):
    """An engine that fails, with a message that quotes a text."""

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        raise RuntimeError(f"cannot read {texts}")


class Blind(UnbiasedEngine):
    """An engine that finds nothing."""

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        return [Prediction(str(text), ()) for text in texts]


@pytest.mark.parametrize(
    ("content", "status", "says"),
    [
        (b"{", 400, "the body: not JSON at line 1, column 2"),
        (b"\xff", 400, "the body is not UTF-8"),
        (b'{"a":' + b"[" * 120 + b"]" * 120 + b"}", 400, "the body: JSON that nests deeper than 100 levels"),
        (b'["a"]', 400, "the body is not a JSON object"),
    ],
)
async def test_bodies_that_are_not_understood(content: bytes, status: int, says: str) -> None:
    async with gateway() as target:
        answer = await target.client.post("/v1/chat/completions", content=content)
        assert (answer.status_code, reason(answer)) == (status, says)
        assert not target.upstream.bodies


async def test_other_routes_and_parameters_of_the_url() -> None:
    async with gateway() as target:
        for path in ("/v1/files", "/v1/batches", "/other", "/v1/chat/completions/x"):
            answer = await target.client.post(path, json=CHAT)
            assert answer.status_code == 404 and "can mask" in reason(answer)
        for query, status in (("name=x", 400), ("limit=%E5%BC%A0", 400), ("limit=13812345678", 422)):
            answer = await target.client.post(f"/v1/chat/completions?{query}", json=CHAT)
            assert answer.status_code == status and "nothing was sent" in reason(answer)
        for path, status in (("models/张三", 400), ("models/13812345678", 422), ("models/a.b@example.com", 422)):
            answer = await target.client.get(f"/v1/{path}")
            assert answer.status_code == status and "nothing was sent" in reason(answer)
        assert not target.upstream.bodies
        assert (await target.client.post("/v1/chat/completions?api-version=1", json=CHAT)).status_code == 200


async def test_a_detector_that_fails_lets_nothing_leave_and_quotes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with gateway(engine=Failing()) as target:
        answer = await target.post("/chat/completions", CHAT)
    assert answer.status_code == 502 and reason(answer) == "the detector failed; nothing was sent"
    assert not target.upstream.bodies and "张三丰" not in caplog.text


async def test_a_request_of_too_many_characters_is_refused() -> None:
    async with gateway(service=ServiceSettings(max_characters=10)) as target:
        answer = await target.post("/chat/completions", CHAT)
    assert answer.status_code == 413 and not target.upstream.bodies


async def test_what_the_detector_misses_but_has_the_form_of_a_value_stops_the_request() -> None:
    async with gateway(engine=Blind()) as target:
        answer = await target.post("/chat/completions", CHAT)
    assert answer.status_code == 422 and "the form of PHONE_NUMBER" in reason(answer)
    assert not target.upstream.bodies


async def test_a_value_that_stands_where_nothing_is_masked_stops_the_request() -> None:
    body = CHAT | {"tools": [{"type": "function", "function": {"name": "call_13812345678"}}]}
    async with gateway() as target:
        answer = await target.post("/chat/completions", body)
        assert answer.status_code == 422 and "is left in another" in reason(answer)
        assert not target.upstream.bodies
    sealed = {"type": "thinking", "thinking": "a.b@example.com", "signature": "x"}
    messages = [{"role": "assistant", "content": [sealed]}, {"role": "user", "content": "a.b@example.com"}]
    async with gateway("anthropic") as target:
        answer = await target.post("/messages", {"model": "m", "messages": messages})
        assert answer.status_code == 422 and not target.upstream.bodies


@pytest.mark.parametrize("thought", ["用户王小明想要一封信", "call 王小明"])
async def test_a_short_name_in_a_signed_thought_stops_the_request(thought: str) -> None:
    sealed = {"type": "thinking", "thinking": thought, "signature": "x"}
    messages = [{"role": "assistant", "content": [sealed]}, {"role": "user", "content": "我是王小明"}]
    async with gateway("anthropic") as target:
        answer = await target.post("/messages", {"model": "m", "messages": messages})
        assert answer.status_code == 422 and not target.upstream.bodies
        messages[0] = {"role": "assistant", "content": [sealed | {"thinking": "用户想要一封信"}]}
        assert (await target.post("/messages", {"model": "m", "messages": messages})).status_code == 200


async def test_a_name_that_is_found_in_one_message_is_masked_in_all() -> None:
    class Named(UnbiasedEngine):
        def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
            return [Prediction(str(text), tuple(self._names(str(text)))) for text in texts]

        def _names(self, text: str) -> Iterator[Detection]:
            if text.endswith("我叫高兴"):
                yield Detection(Entity(len(text) - 2, len(text), EntityType.PERSON_NAME), 0.9, "model")

    said = ["我叫高兴", "好的，高兴", "告诉高兴明天来", "我很高兴"]
    async with gateway(engine=Named()) as target:
        await target.post("/chat/completions", {"messages": [{"role": "user", "content": text} for text in said]})
        sent = [message["content"] for message in json.loads(target.upstream.bodies[0])["messages"]]
    assert [("高兴" in text, "[PERSON_NAME_" in text) for text in sent] == [(False, True)] * 3 + [(True, False)]


async def test_a_redirect_is_not_passed_on() -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(308, headers={"location": "http://elsewhere.test/v1"}))
    async with gateway(transport=transport) as target:
        answer = await target.post("/chat/completions", CHAT)
        assert answer.status_code == 502 and "redirects" in reason(answer) and "location" not in answer.headers


async def test_a_value_that_is_found_once_is_masked_everywhere() -> None:
    class Once(UnbiasedEngine):
        def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
            from tests.serving.gateway.gateways import KnownValues

            first, *others = texts
            return [*KnownValues().detect([first]), *Blind().detect(others)]

    messages = [{"role": "user", "content": "a.b@example.com"}, {"role": "user", "content": "又是a.b@example.com"}]
    async with gateway(engine=Once()) as target:
        assert (await target.post("/chat/completions", {"messages": messages})).status_code == 200
        assert "a.b@example.com" not in target.upstream.bodies[0]


async def test_pictures_pass_unchanged_or_not_at_all() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,13812345678"}}
    body = {"model": "m", "messages": [{"role": "user", "content": [picture]}]}
    async with gateway() as target:
        answer = await target.post("/chat/completions", body)
        assert answer.status_code == 400 and "pictures" in reason(answer) and not target.upstream.bodies
    async with gateway(policy=Policy(media="pass")) as target:
        assert (await target.post("/chat/completions", body)).status_code == 200
        assert json.loads(target.upstream.bodies[0]) == body


async def test_a_policy_blocks_types_and_lets_others_pass() -> None:
    blocking = Policy(blocked=frozenset({EntityType.PHONE_NUMBER}))
    async with gateway(policy=blocking) as target:
        answer = await target.post("/chat/completions", CHAT)
        assert answer.status_code == 403 and "PHONE_NUMBER" in reason(answer) and not target.upstream.bodies


async def test_api_keys_have_policies_of_their_own(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("team-a 0123456789abcdef\nteam-b fedcba9876543210\n", encoding="utf-8")
    own = {"team-b": Policy(types=(EntityType.PERSON_NAME,), blocked=frozenset({EntityType.EMAIL}))}
    async with gateway(service=ServiceSettings(api_keys=keys), upstream_key="k", policies=own) as target:
        for key, texts in (("0123456789abcdef", ("张三丰", "a.b@example.com")), ("fedcba9876543210", ("张三丰",))):
            for text in texts:
                body = {"messages": [{"role": "user", "content": text}]}
                answer = await target.post("/chat/completions", body, headers={"Authorization": f"Bearer {key}"})
                assert answer.status_code == 200
        body = {"messages": [{"role": "user", "content": "a.b@example.com"}]}
        answer = await target.post("/chat/completions", body, headers={"Authorization": "Bearer fedcba9876543210"})
        assert answer.status_code == 403


def test_files_of_policies_name_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "policies.json"
    path.write_text(
        '{"a": {"types": ["EMAIL"], "block": ["PASSWORD"], "min_score": 0.5, "media": "pass"}}', encoding="utf-8"
    )
    flags = Policy((EntityType.PHONE_NUMBER,), 0.2, frozenset({EntityType.SECRET_KEY}))
    read = read_policies(path, flags)["a"]
    assert read == Policy((EntityType.EMAIL,), 0.5, frozenset({EntityType.PASSWORD}), "pass")
    path.write_text('{"a": {"media": "pass"}, "b": {}, "c": {"block": []}}', encoding="utf-8")
    read_all = read_policies(path, flags)
    assert read_all["a"] == replace(flags, media="pass") and read_all["b"] == flags
    assert read_all["c"] == replace(flags, blocked=frozenset())
    for content, says in (
        ("{", "file: Invalid JSON"),
        ('{"a": {"typ": []}}', r"a\.typ: Extra inputs"),
        ('{"a": {"types": ["NAME"]}}', "NAME"),
        ('{"a": {"types": []}}', r"a\.types"),
        ('{"a": {"min_score": 2}}', r"a\.min_score"),
    ):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match=says):
            read_policies(path, flags)
    with pytest.raises(DataError, match="No such file"):
        read_policies(tmp_path / "none", flags)


async def test_keys_of_the_gateway_stay_here_and_those_of_the_provider_go(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("team-a 0123456789abcdef\nteam-b fedcba9876543210\n", encoding="utf-8")
    sent = []
    async with gateway(service=ServiceSettings(api_keys=keys), upstream_key="provider-secret") as target:
        assert (await target.post("/chat/completions", CHAT)).status_code == 401
        for key in ("0123456789abcdef", "fedcba9876543210"):
            answer = await target.post("/chat/completions", CHAT, headers={"Authorization": f"Bearer {key}"})
            assert answer.status_code == 200
            assert target.upstream.headers[-1]["authorization"] == "Bearer provider-secret"
            sent.append(target.upstream.bodies[-1])
        keys.write_text("broken\n", encoding="utf-8")
        answer = await target.post("/chat/completions", CHAT, headers={"Authorization": "Bearer 0123456789abcdef"})
        assert answer.status_code == 503
        assert (await target.client.get("/ready")).status_code == 503
    assert sent[0] != sent[1]  # tenants share no stand-ins
    assert len(target.upstream.bodies) == 2


class Unreachable(httpx2.AsyncBaseTransport):
    def __init__(self, error: Exception) -> None:
        self._error = error

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise self._error


async def test_a_provider_that_cannot_be_reached_or_stalls() -> None:
    for error, status in ((httpx2.ConnectError("x"), 502), (httpx2.ReadTimeout("x"), 504)):
        async with gateway(transport=Unreachable(error)) as target:
            assert (await target.post("/chat/completions", CHAT)).status_code == status


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (httpx2.Response(429, json={"error": {"message": "slow down"}}, headers={"retry-after": "7"}), 429),
        (httpx2.Response(200, content=b"{", headers={"content-type": "application/json"}), 502),
        (httpx2.Response(500, content=b"<html>", headers={"content-type": "text/html"}), 500),
    ],
)
async def test_errors_of_the_provider(answer: httpx2.Response, status: int) -> None:
    async with gateway(transport=httpx2.MockTransport(lambda _: answer)) as target:
        got = await target.post("/chat/completions", CHAT)
    assert got.status_code == status
    assert got.headers.get("retry-after") == answer.headers.get("retry-after")


async def test_the_audit_has_no_value_and_without_it_nothing_leaves(tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    async with gateway(audit=audit) as target:
        await target.post("/chat/completions", CHAT)
        await target.post("/chat/completions", {"model": "张三丰 的模型", "messages": []})
        lines: list[dict[str, Any]] = [json.loads(line) for line in audit.read_text(encoding="utf-8").splitlines()]
        assert lines[1]["counts"] == {"PERSON_NAME": 1, "PHONE_NUMBER": 1}
        assert (lines[1]["model"], lines[2]["model"], lines[2]["decision"]) == ("gpt", "other", "sent")
        assert "张三丰" not in audit.read_text(encoding="utf-8")
        assert verify_audit(audit) == 3
        audit.unlink()
        audit.mkdir()
        answer = await target.post("/chat/completions", CHAT)
        assert answer.status_code == 503 and "audit" in reason(answer)
        assert len(target.upstream.bodies) == 2


async def test_the_preamble_asks_the_model_to_keep_stand_ins() -> None:
    async with gateway(preamble=True) as target:
        await target.post("/chat/completions", CHAT)
        await target.post("/chat/completions", {"messages": [{"role": "user", "content": "你好"}]})
        await target.post("/responses", {"input": "张三丰"})
        first, second, third = map(json.loads, target.upstream.bodies)
    assert "exactly as it is" in first["messages"][0]["content"] and len(second["messages"]) == 1
    assert "exactly as it is" in third["instructions"]
    async with gateway("anthropic", preamble=True) as target:
        await target.post("/messages", {"system": "短", "messages": [{"role": "user", "content": "张三丰"}]})
        assert json.loads(target.upstream.bodies[0])["system"].startswith("短\n")
