"""Newline-delimited JSON: lines go in and out while both last."""

import http.client
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from typing import Any

import pytest
from starlette.testclient import TestClient

from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.rules.engine import RulesEngine
from serving.redaction import TokenCipher
from serving.service.app import create_app
from serving.service.settings import ServiceSettings
from tests.serving.service.server import served

NDJSON = {"content-type": "application/x-ndjson"}
SECRET = "机密13912345678"
LIMIT = 1_000


class Counting(RulesEngine):
    """Remembers how many texts came in each call, and fails on one of them."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def detect(self, texts: Sequence[str], types: Sequence[T] | None = None) -> list[Prediction]:
        self.calls.append(len(texts))
        if "fail" in texts:
            raise ZeroDivisionError
        return super().detect(texts, types)


@pytest.fixture
def detector() -> Counting:
    return Counting()


@pytest.fixture
def client(detector: Counting) -> TestClient:
    return TestClient(create_app(detector, ServiceSettings(max_characters=LIMIT)))


def ask(client: TestClient, *lines: Any, path: str = "/detect/batch") -> list[dict[str, Any]]:
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    response = client.post(path, content=body.encode("utf-8", "surrogatepass"), headers=NDJSON)
    assert response.status_code == 200 and response.headers["content-type"] == NDJSON["content-type"]
    return [json.loads(line) for line in response.text.splitlines()]


def test_every_line_is_answered_as_a_request_would_be(client: TestClient, detector: Counting) -> None:
    requests = [
        {"text": "电话13800138000"},
        {"text": "", "types": ["EMAIL"]},
        {"text": "😀a@example.com", "types": ["EMAIL"], "offset_unit": "utf16"},
    ] * 3
    for path in ("/detect/batch", "/v1/detect/batch"):
        assert ask(client, *requests, path=path) == [client.post("/detect", json=one).json() for one in requests]
    assert ask(client) == ask(client, "", "  ", "\r") == []


def test_lines_are_redacted_as_requests_are() -> None:
    client = TestClient(create_app(RulesEngine(), ServiceSettings(key=TokenCipher.new_key())))
    phone = {"text": "打13800138000，再打13800138000", "style": {"PHONE_NUMBER": "hash"}}
    requests = [{"text": "打13800138000"}, phone, phone, {"text": "a@example.com", "style": "mask"}]
    for path in ("/redact/batch", "/v1/redact/batch"):
        rows = ask(client, *requests, path=path)
        assert rows == [client.post("/redact", json=one).json() for one in requests]
    token = ask(client, {"text": "打13900139000", "reversible": True}, path="/redact/batch")[0]["token"]
    rows = ask(
        client,
        {"text": "13900139000和13800138000", "token": token},
        {"text": "x", "token": SECRET},
        path="/redact/batch",
    )
    assert rows[0]["text"] == "[PHONE_NUMBER_1]和[PHONE_NUMBER_2]"
    assert (rows[1]["line"], rows[1]["status"]) == (2, 403) and "机密" not in str(rows[1])


def test_lines_that_are_searched_alike_are_searched_together(client: TestClient, detector: Counting) -> None:
    ask(client, *[{"text": "x"}] * 40, *[{"text": "x", "min_score": 0.5}] * 2, "")
    assert detector.calls == [40, 2]


def test_a_bad_line_is_named_and_the_others_are_answered(client: TestClient) -> None:
    good = {"text": "13800138000"}
    rows = ask(
        client,
        good,
        f'{{"text": "{SECRET}',
        "",
        {"text": SECRET, SECRET: 1},
        {"text": "字" * (LIMIT + 1)},
        {"text": "\ud800"},
        "\ud800",
        "[" * 30_000,
        "x" * ((1 << 20) + 1),
        good,
    )
    assert rows[0] == rows[-1] == client.post("/detect", json=good).json()
    assert [(row["line"], row["status"]) for row in rows[1:-1]] == [
        (2, 422), (4, 422), (5, 413), (6, 422), (7, 422), (8, 422), (9, 413),
    ]  # fmt: skip
    assert rows[2]["detail"] == [{"loc": ["body"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}]
    assert "机密" not in str(rows) and "139" not in str(rows)


def test_a_failure_is_answered_line_by_line(client: TestClient) -> None:
    rows = ask(client, {"text": "x"}, {"text": "fail"}, {"text": "y"}, {"text": "z", "types": []}, "")
    assert rows[1] == {"line": 2, "status": 500, "detail": "internal error"}
    assert rows[:1] + rows[2:] == [{"entities": []}] * 3


def test_a_line_may_come_in_pieces_and_the_last_one_without_an_end(client: TestClient) -> None:
    body = "".join(json.dumps({"text": f"1380013{number:04}"}) + "\n" for number in range(50)).rstrip().encode()

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    response = client.post("/detect/batch", content=pieces(), headers=NDJSON)
    found = [json.loads(line)["entities"][0]["value"] for line in response.text.splitlines()]
    assert found == [f"1380013{number:04}" for number in range(50)]


def test_a_byte_order_mark_is_no_part_of_a_line(client: TestClient) -> None:
    response = client.post("/detect/batch", content='\ufeff{"text": "13800138000"}\n'.encode(), headers=NDJSON)
    assert json.loads(response.text)["entities"][0]["value"] == "13800138000"


def test_other_paths_take_no_lines(client: TestClient) -> None:
    assert client.post("/detect", content=b'{"text": "a"}', headers=NDJSON).status_code == 422
    assert client.post("/detect/batch", json={"texts": ["a"]}).status_code == 200


def test_lines_are_answered_before_the_request_ends() -> None:
    with (
        served(RulesEngine(), ServiceSettings(max_characters=LIMIT)) as address,
        closing(http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)) as connection,
        ExitStack() as stack,
    ):
        connection.putrequest("POST", "/detect/batch")
        connection.putheader("Content-Type", NDJSON["content-type"])
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()

        def send(lines: bytes) -> None:
            connection.send(b"%x\r\n%s\r\n" % (len(lines), lines))

        send(b'{"text": "13800138000"}\n')
        response = stack.enter_context(closing(connection.response_class(connection.sock, method="POST")))
        response.begin()
        assert json.loads(response.readline())["entities"][0]["value"] == "13800138000"
        answered = 0
        for _ in range(30):  # together far above what a body may have
            send(b'{"text": "%s"}\n' % (b"x" * 900) * 10)
            answered += sum(json.loads(response.readline()) == {"entities": []} for _ in range(10))
        assert answered == 300
        connection.send(b"0\r\n\r\n")
        assert response.read() == b""
