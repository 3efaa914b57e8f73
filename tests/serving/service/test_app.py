"""The HTTP service as a whole: its description, its paths, origins, and health while it works."""

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import jsonschema
import pytest
from starlette.testclient import TestClient

from schemas.json_schema import response_schema
from schemas.spans.prediction import Prediction
from schemas.taxonomy import ALL_TYPES, EntityType
from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app
from serving.service.settings import ServiceSettings

LIMIT = 1_000
TEXT = "电话13800138000，邮箱zhang@example.com"
ALICE, BOB = "alice-key-0123456789", "bob-key-0123456789"


class Slow(RulesEngine):
    """A detector that waits until it is released."""

    def __init__(self) -> None:
        self.entered, self.released = threading.Event(), threading.Event()

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        self.entered.set()
        assert self.released.wait(30)
        return super().detect(texts, types)


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(RulesEngine(), ServiceSettings(max_characters=LIMIT)))


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# who may ask\nalice {ALICE}\n\nbob  {BOB}\n", encoding="utf-8")
    return path


def test_openapi_describes_the_responses(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    fields = response_schema()["properties"]["entities"]["items"]["properties"]
    assert set(schemas["FoundEntity"]["properties"]) == set(fields)
    assert schemas["EntityType"]["enum"] == list(ALL_TYPES)
    usual = {"200", "413", "422", "500", "503"}
    for path in ("/v1/detect", "/v1/detect/batch", "/v1/analyze"):
        assert set(document["paths"][path]["post"]["responses"]) == usual
    for path in ("/v1/redact", "/v1/redact/batch", "/v1/redact/json", "/v1/restore", "/v1/restore/json"):
        assert set(document["paths"][path]["post"]["responses"]) == usual | {"403", "409"}
    for example in (client.post("/detect", json={"text": TEXT}), client.get("/types")):
        name = "DetectResponse" if "entities" in example.json() else "TypesResponse"
        jsonschema.validate(example.json(), {"$ref": f"#/components/schemas/{name}", **document})


def test_the_committed_description_is_current(client: TestClient) -> None:
    path = Path(__file__).parents[3] / "docs" / "openapi.json"
    assert json.loads(path.read_text(encoding="utf-8")) == client.get("/openapi.json").json()


def test_paths_with_and_without_the_version_are_the_same(client: TestClient) -> None:
    body = {"text": TEXT}
    assert client.post("/v1/detect", json=body).json() == client.post("/detect", json=body).json()
    assert client.get("/v1/ready").json() == client.get("/health").json()


def test_other_paths_and_methods_are_refused(client: TestClient) -> None:
    assert client.get("/nothing").status_code == 404
    assert client.get("/detect").status_code == 405
    assert client.post("/detect/", json={"text": ""}).status_code == 404


def test_health_answers_while_detection_runs() -> None:
    detector = Slow()
    with TestClient(create_app(detector, ServiceSettings(max_characters=LIMIT))) as client:
        answers: list[int] = []
        thread = threading.Thread(
            target=lambda: answers.append(client.post("/detect", json={"text": TEXT}).status_code)
        )
        thread.start()
        try:
            assert detector.entered.wait(30)
            assert client.get("/health").status_code == 200
            assert answers == []
        finally:
            detector.released.set()
            thread.join()
        assert answers == [200]


def test_pages_of_other_origins_may_read_only_where_they_are_named(keys: Path) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    client = TestClient(
        create_app(RulesEngine(), ServiceSettings(api_keys=keys, origins="https://a.example, https://b.example"))
    )
    preflight = client.options("/detect", headers={**asked, "Access-Control-Request-Headers": "x-api-key"})
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, "https://a.example")
    answer = client.post("/detect", json={"text": ""}, headers={**asked, "X-API-Key": ALICE})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://a.example")
    other = client.post("/detect", json={"text": ""}, headers={"Origin": "https://c.example", "X-API-Key": ALICE})
    assert "access-control-allow-origin" not in other.headers
    closed = TestClient(create_app(RulesEngine()))
    assert "access-control-allow-origin" not in closed.post("/detect", json={"text": ""}, headers=asked).headers
    assert closed.options("/detect", headers=asked).status_code == 405
