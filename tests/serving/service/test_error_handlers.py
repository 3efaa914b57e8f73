"""Every refusal has its status, and says nothing of what was sent."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient

from schemas.errors import InvalidTextError, ModelError
from schemas.spans.prediction import Prediction
from schemas.taxonomy import ALL_TYPES, EntityType
from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app
from serving.service.settings import ServiceSettings

LIMIT = 1_000
SECRET = "机密13912345678"
JSON = {"content-type": "application/json"}
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


class Failing:
    """A detector that raises an error that quotes the text."""

    def __init__(self, error: type[Exception]) -> None:
        self.error = error

    def with_bias(self, recall: float) -> "Failing":
        return self

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        raise self.error(texts[0])


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(RulesEngine(), ServiceSettings(max_characters=LIMIT)))


def post(client: TestClient, content: str | bytes, path: str = "/detect") -> Any:
    return client.post(path, content=content, headers=JSON)


def leaks(text: str) -> bool:
    """Whether any part of the secret stands in `text`, as it is or as an escape."""
    return any(part in text for part in ("机密", "13912345678", "\\u673a"))


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID.keys())
def test_a_bad_request_is_refused_and_not_repeated(body: str | bytes, caplog: pytest.LogCaptureFixture) -> None:
    client = TestClient(create_app(RulesEngine(), ServiceSettings(max_characters=LIMIT)))
    caplog.set_level(logging.DEBUG)
    response = post(client, body)
    assert response.status_code == 422
    assert {"loc", "msg", "type"} == set(response.json()["detail"][0])
    assert not leaks(response.text + caplog.text)


def test_an_unknown_type_is_answered_with_the_valid_ones(client: TestClient) -> None:
    detail = client.post("/detect", json={"text": "", "types": ["NAME"]}).json()["detail"]
    assert detail[0]["loc"] == ["body", "types", 0]
    assert all(kind in detail[0]["msg"] for kind in ALL_TYPES)


def test_a_body_that_is_not_read_as_json_is_told_why(client: TestClient) -> None:
    for content, headers in (('{"text": ""}', {"content-type": "text/plain"}), ("[]", JSON)):
        (fault,) = client.post("/detect", content=content, headers=headers).json()["detail"]
        assert fault["msg"] == "not a JSON object with the content type application/json"
    (fault,) = client.post("/detect", json={"text": "", "deny": ["a"]}).json()["detail"]
    assert fault["msg"] == "not an object" and fault["loc"] == ["body", "deny", 0]


def test_a_lone_surrogate_in_a_batch_is_refused(client: TestClient) -> None:
    assert post(client, '{"texts": ["a", "\\udfff"]}', "/detect/batch").status_code == 422


@pytest.mark.parametrize("value", [["1" * 100] * 11, {"n" * 40: [str(number) for number in range(99)]}])
def test_equal_values_of_json_and_the_names_of_fields_count_as_characters(value: Any, client: TestClient) -> None:
    answer = client.post("/redact/json", json={"json": value, "reversible": False})
    assert (answer.status_code, answer.json()["detail"]) == (413, f"more than {LIMIT} characters")


def test_an_unexpected_error_says_and_logs_only_its_class(caplog: pytest.LogCaptureFixture) -> None:
    client = TestClient(create_app(Failing(ZeroDivisionError), ServiceSettings(max_characters=LIMIT)))
    caplog.set_level(logging.DEBUG)
    response = client.post("/detect", json={"text": SECRET})
    assert (response.status_code, response.json()) == (500, {"detail": "internal error"})
    assert "ZeroDivisionError" in caplog.text
    assert not leaks(caplog.text)
    assert all(record.exc_info is None for record in caplog.records)


def test_text_that_the_detector_refuses_is_the_clients_fault() -> None:
    client = TestClient(create_app(Failing(InvalidTextError), ServiceSettings(max_characters=LIMIT)))
    assert client.post("/detect", json={"text": "a"}).status_code == 422


def test_a_model_that_does_not_answer_says_when_to_come_back(caplog: pytest.LogCaptureFixture) -> None:
    client = TestClient(create_app(Failing(ModelError), ServiceSettings(max_characters=LIMIT)))
    response = client.post("/detect", json={"text": SECRET})
    assert (response.status_code, response.json()) == (503, {"detail": "the model does not answer"})
    assert response.headers["Retry-After"] == "1"
    assert "ModelError" in caplog.text and not leaks(caplog.text)


def test_a_thousand_faults_are_answered_in_brief(client: TestClient) -> None:
    for body in ({"text": "", "types": ["X"] * 5_000}, {"text": "", **{f"key{n}": 1 for n in range(3_000)}}):
        response = client.post("/detect", json=body)
        assert response.status_code == 422
        assert len(response.content) < 20_000
