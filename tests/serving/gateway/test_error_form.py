"""Every refusal has the form that clients of the provider's protocol read, those of limits and keys too."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from serving.service.settings import ServiceSettings
from tests.serving.gateway.gateways import gateway

pytestmark = pytest.mark.anyio
CHAT = {"model": "gpt", "messages": [{"role": "user", "content": "你好"}]}
KEY = {"Authorization": "Bearer 0123456789abcdef"}
PATHS = {"openai": "/chat/completions", "anthropic": "/messages"}
KINDS = {401: "authentication_error", 413: "request_too_large", 429: "rate_limit_error", 503: "overloaded_error"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _check(protocol: str, answer: httpx2.Response, status: int) -> None:
    assert answer.status_code == status
    body: dict[str, Any] = answer.json()
    assert body["error"]["message"]
    if protocol == "anthropic":
        assert body["type"] == "error"
        assert body["error"]["type"] == KINDS[status]
    else:
        assert body["error"]["code"] == status


@pytest.mark.parametrize("protocol", PATHS)
async def test_keys_and_rates(tmp_path: Path, protocol: str) -> None:
    keys = tmp_path / "keys"
    keys.write_text("team-a 0123456789abcdef\n", encoding="utf-8")
    path = PATHS[protocol]
    settings = {"upstream_key": "provider-secret"}
    async with gateway(protocol, service=ServiceSettings(api_keys=keys, rate=1), **settings) as target:
        refused = await target.post(path, CHAT)
        _check(protocol, refused, 401)
        assert refused.headers["www-authenticate"] == "Bearer"
        assert (await target.post(path, CHAT, headers=KEY)).status_code == 200
        fast = await target.post(path, CHAT, headers=KEY)
        _check(protocol, fast, 429)
        assert int(fast.headers["retry-after"]) > 0
        keys.write_text("broken\n", encoding="utf-8")
        _check(protocol, await target.post(path, CHAT, headers=KEY), 503)


@pytest.mark.parametrize("protocol", PATHS)
async def test_too_long(protocol: str) -> None:
    async with gateway(protocol, service=ServiceSettings(max_characters=1)) as target:
        long = {"model": "gpt", "messages": [{"role": "user", "content": "好" * 3_000_000}]}
        _check(protocol, await target.post(PATHS[protocol], long), 413)

        async def chunks() -> Any:
            for _ in range(64):
                yield b" " * (1 << 20)

        _check(protocol, await target.client.post(f"/v1{PATHS[protocol]}", content=chunks()), 413)
