"""A body may be so long and no longer."""

import asyncio
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app
from serving.service.middleware.body_limit import BodyLimit
from serving.service.settings import ServiceSettings

LIMIT = 1_000
JSON = {"content-type": "application/json"}


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(RulesEngine(), ServiceSettings(max_characters=LIMIT)))


def test_a_long_body_is_refused_before_it_is_read_whole(client: TestClient) -> None:
    sent = 0

    def chunks() -> Any:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b"0" * 10_000

    response = client.post("/detect", content=chunks(), headers=JSON)
    assert (response.status_code, set(response.json())) == (413, {"detail"})
    declared = client.post("/detect", content=b"", headers={**JSON, "content-length": "1000000000"})
    assert (declared.status_code, set(declared.json())) == (413, {"detail"})


def test_bodies_together_may_be_sixteen_times_as_long_until_they_are_answered() -> None:
    statuses: list[int] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"0123456789", "more_body": False}

    async def run() -> None:
        released = asyncio.Event()

        async def application(scope: object, receive: Any, send: object) -> None:
            try:
                await receive()
            except HTTPException as error:
                statuses.append(error.status_code)
                return
            await released.wait()
            statuses.append(200)

        limit = BodyLimit(application, limit=10, exempt=lambda scope: scope["path"] == "/stream")

        async def request(path: str) -> None:
            await limit({"type": "http", "path": path, "headers": []}, receive, receive)  # type: ignore[arg-type]

        first = [asyncio.create_task(request("/detect")) for _ in range(16)]
        await asyncio.sleep(0)
        await request("/detect")
        assert statuses == [503]
        streams = [asyncio.create_task(request("/stream")) for _ in range(4)]
        released.set()
        await asyncio.gather(*first, *streams)
        await request("/detect")

    asyncio.run(run())
    assert statuses == [503, *[200] * 21]
