"""Redaction over HTTP: round trips, sessions, refusals, and silence about what was sent."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.engines.rules.engine import RulesEngine
from serving.redaction import TokenCipher
from serving.service.app import create_app
from serving.service.settings import ServiceSettings

KEY = TokenCipher.new_key()
TEXT = "电话13800138000，邮箱zhang@example.com，再打13800138000"


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(RulesEngine(), ServiceSettings(max_characters=1000, key=KEY)))


def redact(client: TestClient, **fields: Any) -> dict[str, Any]:
    response = client.post("/redact", json={"text": TEXT, **fields})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_a_text_goes_out_redacted_and_comes_back(client: TestClient) -> None:
    made = redact(client, reversible=True)
    assert made["text"] == "电话[PHONE_NUMBER_1]，邮箱[EMAIL_1]，再打[PHONE_NUMBER_1]"
    assert [made["text"][part["start"] : part["end"]] for part in made["entities"]] == [
        "[PHONE_NUMBER_1]",
        "[EMAIL_1]",
        "[PHONE_NUMBER_1]",
    ]
    for text, back in ((made["text"], TEXT), ("答复[EMAIL_1]", "答复zhang@example.com")):
        response = client.post("/restore", json={"text": text, "token": made["token"]})
        assert (response.status_code, response.json()) == (200, {"text": back, "unrestored": 0})


def test_what_a_model_changed_comes_back_and_the_rest_is_counted(client: TestClient) -> None:
    token = redact(client, reversible=True)["token"]
    answer = client.post("/restore", json={"text": "写【email_1】，打[PHONE_NUMBER_5]", "token": token})
    assert answer.json() == {"text": "写zhang@example.com，打[PHONE_NUMBER_5]", "unrestored": 1}


def test_spellings_of_a_number_have_one_hash_unless_they_are_to_be_restored(client: TestClient) -> None:
    text = "138-0013-8000或13800138000"
    first, second = redact(client, text=text, style="hash")["text"].split("或")
    assert first == second
    first, second = redact(client, text=text, style="hash", reversible=True)["text"].split("或")
    assert first != second


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("label", "电话[PHONE_NUMBER]"),
        ("mask", "电话*******8000"),
        ("hash", "电话[PHONE_NUMBER_"),
        ("surrogate", "电话138"),
    ],
)
def test_styles(client: TestClient, style: str, text: str) -> None:
    made = redact(client, style=style, **({"keep": 4.0} if style == "mask" else {}))  # in JSON Schema an integer
    assert made["text"].startswith(text) and "13800138000" not in made["text"] and made["token"] is None


def test_a_session_goes_on_with_its_token(client: TestClient) -> None:
    first = redact(client, reversible=True)
    later = redact(client, text="另一个13900139000和13800138000", token=first["token"])
    assert later["text"] == "另一个[PHONE_NUMBER_2]和[PHONE_NUMBER_1]" and later["token"] not in (None, first["token"])


def test_a_batch_shares_its_stand_ins(client: TestClient) -> None:
    body = {"texts": ["打13800138000", "打13900139000", "打13800138000"], "types": ["PHONE_NUMBER"], "reversible": True}
    answer = client.post("/redact/batch", json=body).json()
    assert [row["text"] for row in answer["results"]] == [
        "打[PHONE_NUMBER_1]",
        "打[PHONE_NUMBER_2]",
        "打[PHONE_NUMBER_1]",
    ]
    restored = client.post("/restore", json={"text": answer["results"][1]["text"], "token": answer["token"]})
    assert restored.json() == {"text": "打13900139000", "unrestored": 0}


@pytest.mark.parametrize(
    ("keys", "path", "body", "status"),
    [
        ([KEY], "/redact", {"style": "paint"}, 422),
        ([KEY], "/redact", {"keep": -1}, 422),
        ([KEY], "/redact", {"keep": 1.5}, 422),
        ([KEY], "/redact", {"keep": "1"}, 422),
        ([KEY], "/redact", {"keep": True}, 422),
        ([KEY], "/redact", {"keep": 2}, 422),
        ([KEY], "/redact", {"style": "label", "reversible": True}, 409),
        ([KEY], "/redact", {"token": "秘密"}, 403),
        ([KEY], "/restore", {"token": "秘密"}, 403),
        ([], "/redact", {"reversible": True}, 409),
        ([], "/redact", {"style": "hash"}, 409),
        ([], "/restore", {"token": "x"}, 409),
    ],
)
def test_what_cannot_be_done_is_refused_without_repeating_it(
    keys: Sequence[str], path: str, body: dict[str, Any], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    client = TestClient(create_app(RulesEngine(), ServiceSettings(max_characters=1000, key=",".join(keys))))
    with caplog.at_level(logging.DEBUG):
        response = client.post(path, json={"text": TEXT, **body})
    assert response.status_code == status and response.json()["detail"]
    for secret in ("13800138000", "秘密", KEY):
        assert secret not in response.text and secret not in caplog.text


def test_a_token_of_another_key_is_refused(client: TestClient) -> None:
    other = TestClient(create_app(RulesEngine(), ServiceSettings(key=TokenCipher.new_key())))
    token = redact(other, reversible=True)["token"]
    assert client.post("/restore", json={"text": TEXT, "token": token}).status_code == 403


def test_too_long_a_text_is_refused(client: TestClient) -> None:
    assert client.post("/redact", json={"text": "好" * 1001}).status_code == 413


def test_json_goes_out_redacted_and_comes_back(client: TestClient) -> None:
    value = {"phone": 13800138000, "to": [{"mail": "zhang@example.com"}, None, True, 1e300], "13900139000": ""}
    made = client.post("/redact/json", json={"json": value, "reversible": True}).json()
    assert made["json"] == value | {"phone": "[PHONE_NUMBER_1]", "to": [{"mail": "[EMAIL_1]"}, None, True, 1e300]}
    restored = client.post("/restore/json", json={"json": made["json"], "token": made["token"]}).json()
    assert restored == {"json": value, "unrestored": 0}
    assert client.post("/redact/json", json={"json": "好"}).json() == {"json": "好", "token": None}
    answer = {"json": "[EMAIL_9]", "token": made["token"]}
    assert client.post("/restore/json", json=answer).json()["unrestored"] == 1
    surrogate = client.post("/redact/json", json={"json": value, "style": "surrogate"}).json()["json"]
    assert isinstance(surrogate["phone"], int) and surrogate["phone"] != value["phone"]


@pytest.mark.parametrize(
    "body", ['{"json": NaN}', '{"json": [1e999]}', '{"json": {"\\ud800": []}}', "{}", '{"json": 1, "style": "no"}']
)
def test_json_that_is_none_is_refused(client: TestClient, body: str) -> None:
    response = client.post("/redact/json", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
