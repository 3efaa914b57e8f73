"""Detection over HTTP: what is found, in which order, and how much may be asked."""

from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient

from schemas.json_schema import response_schema
from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app
from serving.service.models.detection import MAX_TEXTS
from serving.service.settings import ServiceSettings

LIMIT = 1_000
TEXT = "电话13800138000，邮箱zhang@example.com"
SECRET = "机密13912345678"
JSON = {"content-type": "application/json"}


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(RulesEngine(), ServiceSettings(max_characters=LIMIT)))


def post(client: TestClient, content: str | bytes, path: str = "/detect") -> Any:
    return client.post(path, content=content, headers=JSON)


def leaks(text: str) -> bool:
    """Whether any part of the secret stands in `text`, as it is or as an escape."""
    return any(part in text for part in ("机密", "13912345678", "\\u673a"))


def test_detect_answers_what_the_detector_finds(client: TestClient) -> None:
    response = client.post("/detect", json={"text": TEXT})
    assert response.status_code == 200
    assert response.json() == RulesEngine().detect([TEXT])[0].to_dict()
    assert [TEXT[found["start"] : found["end"]] for found in response.json()["entities"]] == [
        "13800138000",
        "zhang@example.com",
    ]
    jsonschema.validate(response.json(), response_schema())


def test_offsets_count_code_points(client: TestClient) -> None:
    entities = client.post("/detect", json={"text": "😀 13800138000"}).json()["entities"]
    assert [(found["start"], found["end"]) for found in entities] == [(2, 13)]


def test_empty_text_has_no_entities(client: TestClient) -> None:
    assert client.post("/detect", json={"text": ""}).json() == {"entities": []}


def test_types_limit_the_search_in_any_order_and_with_repeats(client: TestClient) -> None:
    types = ["EMAIL", "URL", "EMAIL"]
    entities = client.post("/detect", json={"text": TEXT, "types": types}).json()["entities"]
    assert [found["type"] for found in entities] == ["EMAIL"]


def test_no_types_find_nothing(client: TestClient) -> None:
    assert client.post("/detect", json={"text": TEXT, "types": []}).json() == {"entities": []}


def test_min_score_leaves_out_what_scores_below(client: TestClient) -> None:
    scores = [found["score"] for found in client.post("/detect", json={"text": TEXT}).json()["entities"]]
    least = max(scores)
    assert client.post("/detect", json={"text": TEXT, "min_score": least}).json()["entities"]
    assert client.post("/detect", json={"text": TEXT, "min_score": 1}).json() == {"entities": []}


def test_batch_answers_in_order(client: TestClient) -> None:
    texts = [TEXT, "", "13900139000"]
    results = client.post("/detect/batch", json={"texts": texts}).json()["results"]
    assert results == [client.post("/detect", json={"text": text}).json() for text in texts]
    assert client.post("/detect/batch", json={"texts": []}).json() == {"results": []}


def test_too_many_texts_are_refused(client: TestClient) -> None:
    assert client.post("/detect/batch", json={"texts": [""] * MAX_TEXTS}).status_code == 200
    assert client.post("/detect/batch", json={"texts": [""] * (MAX_TEXTS + 1)}).status_code == 422


def test_the_limit_counts_characters_of_all_texts(client: TestClient) -> None:
    emoji = '"' + "\\ud83d\\ude00" * LIMIT + '"'
    assert post(client, f'{{"text": {emoji}}}').status_code == 200
    assert client.post("/detect", json={"text": "字" * LIMIT}).status_code == 200
    assert client.post("/detect", json={"text": SECRET * LIMIT}).status_code == 413
    assert client.post("/detect/batch", json={"texts": ["字" * (LIMIT // 2)] * 2}).status_code == 200
    response = client.post("/detect/batch", json={"texts": [SECRET * (LIMIT // 18), "字" * LIMIT]})
    assert (response.status_code, leaks(response.text)) == (413, False)
