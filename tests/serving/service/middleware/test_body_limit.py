"""A body may be so long and no longer."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.engines.rules import RulesEngine
from serving.service.app import create_app
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
