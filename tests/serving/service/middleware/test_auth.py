"""API keys and their rates."""

import os
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from schemas.errors import DataError
from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app
from serving.service.middleware.auth import RateLimit, read_keys
from serving.service.settings import ServiceSettings

ALICE, BOB = "alice-key-0123456789", "bob-key-0123456789"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# who may ask\nalice {ALICE}\n\nbob  {BOB}\n", encoding="utf-8")
    return path


def test_a_key_is_needed_except_for_health(keys: Path) -> None:
    client = TestClient(create_app(RulesEngine(), ServiceSettings(api_keys=keys)))
    body = {"text": "13800138000"}
    for headers in (
        {},
        {"X-API-Key": "wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {ALICE}"},
    ):
        response = client.post("/v1/detect", json=body, headers=headers)
        assert (response.status_code, response.json()) == (401, {"detail": "no valid API key"})
    assert client.get("/metrics").status_code == client.get("/openapi.json").status_code == 401
    assert client.get("/health").status_code == client.get("/v1/ready").status_code == 200
    for headers in ({"X-API-Key": BOB}, {"Authorization": f"Bearer {ALICE}"}, {"authorization": f"bearer {ALICE}"}):
        assert client.post("/detect", json=body, headers=headers).status_code == 200


def test_keys_change_with_their_file(keys: Path) -> None:
    client = TestClient(create_app(RulesEngine(), ServiceSettings(api_keys=keys)))

    def status(key: str) -> int:
        return client.get("/types", headers={"X-API-Key": key}).status_code

    assert status(BOB) == 200
    rewrite(keys, f"alice {ALICE}\n")
    assert (status(BOB), status(ALICE)) == (401, 200)
    rewrite(keys, f"alice {ALICE}\nbob  {BOB}\n")
    assert (status(BOB), status(ALICE)) == (200, 200)


def test_no_key_is_valid_while_the_file_cannot_be_read(keys: Path, caplog: pytest.LogCaptureFixture) -> None:
    busy, idle = (TestClient(create_app(RulesEngine(), ServiceSettings(api_keys=keys))) for _ in range(2))

    def answers(client: TestClient) -> tuple[int, int, int]:
        with_keys = (client.get("/types", headers={"X-API-Key": key}) for key in (ALICE, BOB))
        return *(answer.status_code for answer in with_keys), client.get("/ready").status_code  # type: ignore[return-value]

    rewrite(keys, f"alice {ALICE}\n")  # bob's key is taken back, and one worker learns of it
    assert answers(busy) == (200, 401, 200)
    rewrite(keys, f"alice {ALICE}\nbob short\n")
    with caplog.at_level("ERROR"):
        assert answers(busy) == answers(idle) == (503, 503, 503)
    refused = idle.get("/types", headers={"X-API-Key": BOB})
    assert refused.headers["Retry-After"] and refused.json() == {"detail": "the file of API keys cannot be read"}
    assert idle.get("/health").status_code == 200
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 2 and all(f"{keys}:2" in error for error in errors) and "bob short" not in caplog.text
    keys.unlink()
    assert answers(busy) == answers(idle) == (503, 503, 503)
    keys.write_text(f"alice {ALICE}\n", encoding="utf-8")
    assert answers(busy) == answers(idle) == (200, 401, 200)


def test_a_key_is_taken_back_by_a_file_of_the_same_size_and_time(keys: Path) -> None:
    client = TestClient(create_app(RulesEngine(), ServiceSettings(api_keys=keys)))
    before = keys.stat()
    keys.write_text(keys.read_text(encoding="utf-8").replace(BOB, BOB[::-1]), encoding="utf-8")
    os.utime(keys, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert keys.stat().st_size == before.st_size
    assert client.get("/types", headers={"X-API-Key": BOB}).status_code == 401
    assert client.get("/types", headers={"X-API-Key": BOB[::-1]}).status_code == 200


def test_a_byte_order_mark_is_no_part_of_a_name(keys: Path) -> None:
    keys.write_text(f"alice {ALICE}\n", encoding="utf-8-sig")
    assert list(read_keys(keys)) == ["alice"]


def rewrite(path: Path, content: str) -> None:
    before = path.stat().st_mtime_ns
    path.write_text(content, encoding="utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"alice {ALICE}\nalice {BOB}", ":2: "),
        ("alice short", ":1: "),
        (ALICE, ":1: "),
        ("# none", ": contains no key"),
        (b"\xff", ": cannot be read"),
    ],
)
def test_a_file_of_keys_that_is_none_is_named_without_a_key(tmp_path: Path, content: str | bytes, told: str) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=told) as caught:
        read_keys(path)
    assert ALICE not in str(caught.value)
    with pytest.raises(DataError, match="cannot be read"):
        read_keys(tmp_path / "none")


def test_every_key_has_a_rate_of_its_own(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(create_app(RulesEngine(), ServiceSettings(api_keys=keys, rate=2)))
    monkeypatch.setattr("serving.service.middleware.auth.time.monotonic", lambda: 100.0)
    answers = [client.get("/types", headers={"X-API-Key": ALICE}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "30"
    assert client.get("/types", headers={"X-API-Key": BOB}).status_code == 200


def test_a_rate_fills_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("serving.service.middleware.auth.time.monotonic", lambda: now)
    rate = RateLimit(60)
    assert [rate.wait("a") for _ in range(61)] == [0] * 60 + [1]
    now = 1.0
    assert [rate.wait("a"), rate.wait("a")] == [0, 1]
    now = 1000.0
    assert [rate.wait("a") for _ in range(61)] == [0] * 60 + [1]
    assert RateLimit(0).wait("a") == 0
