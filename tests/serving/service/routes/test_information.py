"""What the service says of itself."""

import pytest
from starlette.testclient import TestClient

from schemas.taxonomy import ALL_TYPES
from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app
from serving.service.settings import ServiceSettings

LIMIT = 1_000


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(RulesEngine(), ServiceSettings(max_characters=LIMIT)))


def test_types_lists_the_taxonomy(client: TestClient) -> None:
    rows = client.get("/types").json()["types"]
    assert [row["name"] for row in rows] == list(ALL_TYPES)
    assert set(rows[0]) == {"name", "zh", "description", "example", "sensitivity", "default"}


def test_health_names_the_version(client: TestClient) -> None:
    health = client.get("/health").json()
    assert health["status"] == "ok"
    assert health["version"] == client.get("/openapi.json").json()["info"]["version"]
