"""A client that goes away stops what was asked for it."""

import json
from typing import Any

import anyio
import httpx2
import pytest

from serving.engines.rules.engine import RulesEngine
from serving.gateway.app import create_gateway
from serving.gateway.application import Engines
from serving.gateway.settings import GatewaySettings
from tests.serving.gateway.gateways import KnownValues


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Slow(httpx2.AsyncBaseTransport):
    """A provider that never answers, and notes when it is no longer asked."""

    def __init__(self) -> None:
        self.asked, self.stopped = anyio.Event(), anyio.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.set()
        try:
            await anyio.sleep_forever()
        finally:
            self.stopped.set()
        raise AssertionError


@pytest.mark.anyio
async def test_the_provider_is_asked_no_longer_when_the_client_goes() -> None:
    slow = Slow()
    client = httpx2.AsyncClient(transport=slow)
    settings = GatewaySettings("http://upstream.test/v1", secret=b"s")
    app = create_gateway(Engines(KnownValues(), RulesEngine()), settings, client=client)
    body = json.dumps({"messages": [{"role": "user", "content": "张三丰"}]}).encode()
    sent: list[Any] = []
    first = True

    async def receive() -> dict[str, Any]:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body}
        await slow.asked.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/chat/completions",
        "raw_path": b"/v1/chat/completions",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
        "scheme": "http",
        "server": ("gateway", 80),
    }
    with anyio.fail_after(20):
        await app(scope, receive, send)
    assert slow.stopped.is_set()
    assert sent[0]["status"] == 499
