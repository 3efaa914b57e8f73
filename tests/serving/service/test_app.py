"""The HTTP service over the rule detector: every status code, the contract, and silence about what was sent."""

import json
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient

from schemas.errors import InvalidTextError
from schemas.json_schema import response_schema
from schemas.spans.prediction import Prediction
from schemas.taxonomy import ALL_TYPES, EntityType
from serving.engines.rules import RulesEngine
from serving.service.app import create_app
from serving.service.models import MAX_TEXTS
from serving.service.settings import Settings

LIMIT = 1_000
TEXT = "电话13800138000，邮箱zhang@example.com"
SECRET = "机密13912345678"
JSON = {"content-type": "application/json"}


class Failing:
    """A detector that raises an error that quotes the text."""

    def __init__(self, error: type[Exception]) -> None:
        self.error = error

    def with_bias(self, recall: float) -> "Failing":
        return self

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        raise self.error(texts[0])


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
    return TestClient(create_app(RulesEngine(), Settings(max_characters=LIMIT)))


def post(client: TestClient, content: str | bytes, path: str = "/detect") -> Any:
    return client.post(path, content=content, headers=JSON)


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


def test_types_lists_the_taxonomy(client: TestClient) -> None:
    rows = client.get("/types").json()["types"]
    assert [row["name"] for row in rows] == list(ALL_TYPES)
    assert set(rows[0]) == {"name", "zh", "description", "example", "sensitivity", "default"}


def test_health_names_the_version(client: TestClient) -> None:
    health = client.get("/health").json()
    assert health["status"] == "ok"
    assert health["version"] == client.get("/openapi.json").json()["info"]["version"]


def test_openapi_describes_the_responses(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    fields = response_schema()["properties"]["entities"]["items"]["properties"]
    assert set(schemas["FoundEntity"]["properties"]) == set(fields)
    assert schemas["EntityType"]["enum"] == list(ALL_TYPES)
    usual = {"200", "413", "422", "500", "503"}
    for path in ("/v1/detect", "/v1/detect/batch", "/v1/analyze"):
        assert set(document["paths"][path]["post"]["responses"]) == usual
    for path in ("/v1/redact", "/v1/redact/batch", "/v1/restore"):
        assert set(document["paths"][path]["post"]["responses"]) == usual | {"403", "409"}
    for example in (client.post("/detect", json={"text": TEXT}), client.get("/types")):
        name = "DetectResponse" if "entities" in example.json() else "TypesResponse"
        jsonschema.validate(example.json(), {"$ref": f"#/components/schemas/{name}", **document})


def test_the_committed_description_is_current(client: TestClient) -> None:
    path = Path(__file__).parent.parent.parent / "docs" / "openapi.json"
    assert json.loads(path.read_text(encoding="utf-8")) == client.get("/openapi.json").json()


def test_paths_with_and_without_the_version_are_the_same(client: TestClient) -> None:
    body = {"text": TEXT}
    assert client.post("/v1/detect", json=body).json() == client.post("/detect", json=body).json()
    assert client.get("/v1/ready").json() == client.get("/health").json()


INVALID = {
    "not JSON": f'{{"text": "{SECRET}"',
    "not UTF-8": f'{{"text": "{SECRET}'.encode() + b'\xff"}',
    "too deep": '{"text": "' + SECRET + '", "x": ' + "[" * 30_000,
    "nothing": "",
    "a list": f'["{SECRET}"]',
    "a string": f'"{SECRET}"',
    "no text": f'{{"min_score": "{SECRET}"}}',
    "text of a wrong type": f'{{"text": ["{SECRET}"]}}',
    "text is null": '{"text": null}',
    "an unknown field": f'{{"text": "", "{SECRET}": "{SECRET}"}}',
    "an unknown type": f'{{"text": "{SECRET}", "types": ["{SECRET}"]}}',
    "types of a wrong type": f'{{"text": "{SECRET}", "types": "{SECRET}"}}',
    "a score that is a string": f'{{"text": "{SECRET}", "min_score": "0.5"}}',
    "a score that is a truth value": f'{{"text": "{SECRET}", "min_score": true}}',
    "a score above 1": f'{{"text": "{SECRET}", "min_score": 1.5}}',
    "a score below 0": f'{{"text": "{SECRET}", "min_score": -1}}',
    "a score that is no number": f'{{"text": "{SECRET}", "min_score": NaN}}',
    "a lone surrogate": f'{{"text": "{SECRET}\\ud800"}}',
    "a surrogate in a field's name": f'{{"text": "", "{SECRET}\\udc00": 1}}',
}


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID.keys())
def test_a_bad_request_is_refused_and_not_repeated(body: str | bytes, caplog: pytest.LogCaptureFixture) -> None:
    client = TestClient(create_app(RulesEngine(), Settings(max_characters=LIMIT)))
    caplog.set_level(logging.DEBUG)
    response = post(client, body)
    assert response.status_code == 422
    assert {"loc", "msg", "type"} == set(response.json()["detail"][0])
    assert not leaks(response.text + caplog.text)


def leaks(text: str) -> bool:
    """Whether any part of the secret stands in `text`, as it is or as an escape."""
    return any(part in text for part in ("机密", "13912345678", "\\u673a"))


def test_an_unknown_type_is_answered_with_the_valid_ones(client: TestClient) -> None:
    detail = client.post("/detect", json={"text": "", "types": ["NAME"]}).json()["detail"]
    assert detail[0]["loc"] == ["body", "types", 0]
    assert all(kind in detail[0]["msg"] for kind in ALL_TYPES)


def test_a_lone_surrogate_in_a_batch_is_refused(client: TestClient) -> None:
    assert post(client, '{"texts": ["a", "\\udfff"]}', "/detect/batch").status_code == 422


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


def test_an_unexpected_error_says_and_logs_only_its_class(caplog: pytest.LogCaptureFixture) -> None:
    client = TestClient(create_app(Failing(ZeroDivisionError), Settings(max_characters=LIMIT)))
    caplog.set_level(logging.DEBUG)
    response = client.post("/detect", json={"text": SECRET})
    assert (response.status_code, response.json()) == (500, {"detail": "internal error"})
    assert "ZeroDivisionError" in caplog.text
    assert not leaks(caplog.text)
    assert all(record.exc_info is None for record in caplog.records)


def test_text_that_the_detector_refuses_is_the_clients_fault() -> None:
    client = TestClient(create_app(Failing(InvalidTextError), Settings(max_characters=LIMIT)))
    assert client.post("/detect", json={"text": "a"}).status_code == 422


def test_other_paths_and_methods_are_refused(client: TestClient) -> None:
    assert client.get("/nothing").status_code == 404
    assert client.get("/detect").status_code == 405
    assert client.post("/detect/", json={"text": ""}).status_code == 404


def test_health_answers_while_detection_runs() -> None:
    detector = Slow()
    with TestClient(create_app(detector, Settings(max_characters=LIMIT))) as client:
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


def test_a_thousand_faults_are_answered_in_brief(client: TestClient) -> None:
    for body in ({"text": "", "types": ["X"] * 5_000}, {"text": "", **{f"key{n}": 1 for n in range(3_000)}}):
        response = client.post("/detect", json=body)
        assert response.status_code == 422
        assert len(response.content) < 20_000
