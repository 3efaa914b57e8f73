"""Plants made-up values in every field of every protocol, and looks at what leaves and at what comes back."""

import asyncio
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from schemas.taxonomy import EntityType as T
from serving.gateway.app import PROTOCOLS, create_gateway
from serving.gateway.application import Engines
from serving.gateway.fake_upstream import FakeUpstream, said
from serving.gateway.settings import GatewaySettings

PLANTED: Mapping[T, tuple[str, str]] = {
    T.PERSON_NAME: ("联系人是{}，请尽快回电。", "楼鹤立"),
    T.PHONE_NUMBER: ("我的手机号是{}，白天打不通就晚上打。", "13636489546"),
    T.EMAIL: ("请把合同发到 {} ，谢谢。", "mao-tiger98@yahoo.com.cn"),
    T.ADDRESS: ("收货地址：{}，放门口就行。", "上海市静安区古城路1003号玫瑰里8号楼602室"),
    T.ID_CARD_NUMBER: ("身份证号码：{}，已核对。", "440783194501308092"),
    T.PASSPORT_NUMBER: ("护照号码 {} 还有半年到期。", "E48809608"),
    T.SOCIAL_SECURITY_NUMBER: ("My social security number is {}.", "295-26-6520"),
    T.BANK_CARD_NUMBER: ("工资请打到银行卡 {} 。", "4728120731771274"),
    T.TAX_NUMBER: ("开票的纳税人识别号：{}", "9142902179487L5J0Q"),
    T.LICENSE_PLATE: ("我的车牌是{}，停在东门。", "京A8F302"),
    T.VEHICLE_VIN: ("车架号：{}", "LSV8LD3F416444298"),
    T.PASSWORD: ("登录密码：{}", "forever54743#"),
    T.SECRET_KEY: ("token 是 {}", "ghp_9Xyqf5ah5ZIwPyzZ90sVgVcOJg2GGETVtarA"),
    T.WECHAT_ID: ("加我微信：{}", "xiaopingmei-coffee9"),
    T.IP_ADDRESS: ("登录来源 IP：{}", "91.239.18.60"),
    T.MAC_ADDRESS: ("网卡的 MAC 地址是 {}", "44:c5:23:37:c2:4e"),
    T.CRYPTO_ADDRESS: ("提币地址：{}", "18WbKzihCbq8YfFq7fU6KUhuANcsokzmmi"),
}
"""For each type a sentence, and the value in it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the values in one field of one route: how many left in clear, and whether all came back.

    `returned` is None where the provider did not say them again.
    """

    place: str
    status: int
    values: int
    leaked: int
    returned: bool | None
    left: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        """A line for people."""
        if self.status != 200:
            return f"{self.place}: refused with {self.status}, nothing left"
        back = {True: "came back", False: "DID NOT COME BACK", None: "not said again"}[self.returned]
        leaks = f"{self.leaked} LEFT IN CLEAR ({', '.join(self.left)})" if self.leaked else "none left in clear"
        return f"{self.place}: {self.values} values, {leaks}, {back}"


def verify(engines: Engines) -> Iterator[Outcome]:
    """Send the planted values through a gateway over `engines` to a provider that is part of this package."""
    for protocol in PROTOCOLS:
        yield from asyncio.run(_protocol(engines, protocol))


async def _protocol(engines: Engines, protocol: str) -> list[Outcome]:
    upstream = FakeUpstream()
    asked = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=upstream.app))
    settings = GatewaySettings("http://upstream.invalid/v1", secret=secrets.token_bytes(32))
    app = create_gateway(engines, settings, protocol=protocol, client=asked)
    inside = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=inside, base_url="http://gateway") as client,
    ):
        return [
            await _outcome(client, upstream, f"{protocol} {path} {place}{' streamed' if stream else ''}", path, body)
            for path, place, plain in _requests(protocol)
            for stream in (False, True)
            if (body := plain | ({"stream": True} if stream else {})) and not (stream and "embeddings" in path)
        ]


async def _outcome(
    client: httpx2.AsyncClient, upstream: FakeUpstream, place: str, path: str, body: dict[str, Any]
) -> Outcome:
    upstream.bodies.clear()
    answer = await client.post(f"/v1{path}", json=body)
    values = [value for _, value in PLANTED.values()]
    sent = "\n".join(json.dumps(json.loads(one), ensure_ascii=False) for one in upstream.bodies)
    left = tuple(str(kind) for kind, (_, value) in PLANTED.items() if value in sent)
    answered = answer.text if not body.get("stream") else _joined(answer.text)
    expected = [value for value in values if value in said(body)] if "embeddings" not in path else []
    returned = all(value in answered for value in expected) if expected else None
    return Outcome(place, answer.status_code, len(values), len(left), returned, left)


def _joined(stream: str) -> str:
    """The pieces of text of a stream, together."""
    found: list[str] = []
    for line in stream.splitlines():
        if line.startswith("data: {"):
            found += _pieces(json.loads(line.removeprefix("data: ")))
    return "".join(found)


def _pieces(event: dict[str, Any]) -> Iterator[str]:
    delta = event.get("delta")
    if isinstance(delta, str):
        yield delta
    elif isinstance(delta, dict):
        yield str(delta.get("text", ""))
    for choice in event.get("choices", ()):
        yield str(choice.get("text") or choice.get("delta", {}).get("content") or "")


def _requests(protocol: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Route, place and body of each request; the values stand in that place."""
    text = "\n".join(sentence.format(value) for sentence, value in PLANTED.values())
    arguments = json.dumps(
        {f"note_{number}": line for number, line in enumerate(text.splitlines())}, ensure_ascii=False
    )
    user = {"role": "user", "content": "你好"}
    if protocol == "anthropic":
        yield "/messages", "system", {"model": "m", "system": text, "messages": [user]}
        yield "/messages", "message", {"model": "m", "messages": [{"role": "user", "content": text}]}
        blocks = [{"type": "text", "text": text}]
        yield "/messages", "text block", {"model": "m", "messages": [{"role": "user", "content": blocks}]}
        result = [{"type": "tool_result", "tool_use_id": "t", "content": text}]
        yield "/messages", "tool result", {"model": "m", "messages": [{"role": "user", "content": result}]}
        use = [{"type": "tool_use", "id": "t", "name": "n", "input": json.loads(arguments)}]
        yield "/messages", "tool input", {"model": "m", "messages": [{"role": "assistant", "content": use}, user]}
        return
    for place, message in (
        ("system", {"role": "system", "content": text}),
        ("message", {"role": "user", "content": text}),
        ("content part", {"role": "user", "content": [{"type": "text", "text": text}]}),
        ("tool result", {"role": "tool", "tool_call_id": "c", "content": text}),
        ("tool arguments", _called(arguments)),
    ):
        yield "/chat/completions", place, {"model": "m", "messages": [message]}
    yield "/responses", "instructions", {"model": "m", "instructions": text, "input": "你好"}
    yield "/responses", "input", {"model": "m", "input": text}
    output = {"type": "function_call_output", "call_id": "c", "output": text}
    yield "/responses", "tool output", {"model": "m", "input": [output]}
    yield "/completions", "prompt", {"model": "m", "prompt": text}
    yield "/embeddings", "input", {"model": "m", "input": [text]}


def _called(arguments: str) -> dict[str, Any]:
    call = {"id": "c", "type": "function", "function": {"name": "n", "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}
