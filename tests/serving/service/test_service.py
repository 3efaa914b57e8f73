"""What keeps the service safe and tells of it: keys, rates, admission, headers, logs, metrics, settings."""

import json
import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from schemas.errors import DataError, ModelError
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.rules import RulesEngine
from serving.service.app import create_app
from serving.service.middleware.access_log import JsonLines
from serving.service.middleware.auth import Rate, read_keys
from serving.service.settings import HELP, Settings, read_settings, settings_markdown

SECRET = "机密13912345678"
OURS = {"pii_sft", "serving", "uvicorn", "fastapi", "starlette"}
ALICE, BOB = "alice-key-0123456789", "bob-key-0123456789"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# who may ask\nalice {ALICE}\n\nbob  {BOB}\n", encoding="utf-8")
    return path


def test_a_key_is_needed_except_for_health(keys: Path) -> None:
    client = TestClient(create_app(RulesEngine(), Settings(api_keys=keys)))
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
    client = TestClient(create_app(RulesEngine(), Settings(api_keys=keys)))

    def status(key: str) -> int:
        return client.get("/types", headers={"X-API-Key": key}).status_code

    assert status(BOB) == 200
    rewrite(keys, f"alice {ALICE}\n")
    assert (status(BOB), status(ALICE)) == (401, 200)
    rewrite(keys, "not a line of keys")  # half written: the last keys hold
    assert status(ALICE) == 200
    keys.unlink()
    assert status(ALICE) == 200


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
        ("# none", ": holds no key"),
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
    client = TestClient(create_app(RulesEngine(), Settings(api_keys=keys, rate=2)))
    monkeypatch.setattr("serving.service.middleware.auth.time.monotonic", lambda: 100.0)
    answers = [client.get("/types", headers={"X-API-Key": ALICE}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "30"
    assert client.get("/types", headers={"X-API-Key": BOB}).status_code == 200


def test_a_rate_fills_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("serving.service.middleware.auth.time.monotonic", lambda: now)
    rate = Rate(60)
    assert [rate.wait("a") for _ in range(61)] == [0] * 60 + [1]
    now = 1.0
    assert [rate.wait("a"), rate.wait("a")] == [0, 1]
    now = 1000.0
    assert [rate.wait("a") for _ in range(61)] == [0] * 60 + [1]
    assert Rate(0).wait("a") == 0


class Slow(RulesEngine):
    def __init__(self) -> None:
        self.entered, self.released = threading.Event(), threading.Event()

    def detect(self, texts: Sequence[str], types: Sequence[T] | None = None) -> list[Prediction]:
        self.entered.set()
        assert self.released.wait(30)
        return super().detect(texts, types)


def test_more_than_it_can_take_is_refused_at_once_and_the_rest_answered() -> None:
    slow = Slow()
    with TestClient(create_app(slow, Settings(in_flight=2))) as client, ThreadPoolExecutor(4) as pool:

        def ask() -> int:
            return client.post("/detect", json={"text": "13800138000"}).status_code

        first = pool.submit(ask)
        assert slow.entered.wait(30)
        second = pool.submit(ask)
        while "pii_sft_requests_waiting 1.0" not in client.get("/metrics").text:
            assert not second.done()
        refused = client.post("/detect", json={"text": "x"})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert client.get("/health").status_code == 200
        slow.released.set()
        assert (first.result(30), second.result(30)) == (200, 200)


def test_every_response_has_safe_headers_and_an_id() -> None:
    client = TestClient(create_app(RulesEngine()))
    ids = set()
    for response in (
        client.get("/health"),
        client.get("/none"),
        client.post("/detect", content=b"{"),
        client.options("/detect"),
    ):
        headers = response.headers
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
        assert headers["x-frame-options"] == "DENY" and "access-control-allow-origin" not in headers
        ids.add(headers["x-request-id"])
    assert len(ids) == 4


def test_pages_of_other_origins_may_read_only_where_they_are_named(keys: Path) -> None:
    asked = {"Origin": "https://a.example", "ApiKeyAuth-Control-Request-Method": "POST"}
    client = TestClient(
        create_app(RulesEngine(), Settings(api_keys=keys, origins="https://a.example, https://b.example"))
    )
    preflight = client.options("/detect", headers={**asked, "ApiKeyAuth-Control-Request-Headers": "x-api-key"})
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, "https://a.example")
    answer = client.post("/detect", json={"text": ""}, headers={**asked, "X-API-Key": ALICE})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://a.example")
    other = client.post("/detect", json={"text": ""}, headers={"Origin": "https://c.example", "X-API-Key": ALICE})
    assert "access-control-allow-origin" not in other.headers
    closed = TestClient(create_app(RulesEngine()))
    assert "access-control-allow-origin" not in closed.post("/detect", json={"text": ""}, headers=asked).headers
    assert closed.options("/detect", headers=asked).status_code == 405


def test_logs_and_metrics_tell_sizes_and_never_what_was_sent(caplog: pytest.LogCaptureFixture, keys: Path) -> None:
    client = TestClient(create_app(RulesEngine(), Settings(api_keys=keys, key="")))
    caplog.set_level(logging.DEBUG)
    allowed = {"X-API-Key": ALICE, "X-Request-ID": SECRET.encode().hex(), "User-Agent": "13912345678"}
    client.post("/detect", json={"text": f"电话13800138000{SECRET}"}, headers=allowed)
    client.post("/detect", json={"text": SECRET, SECRET: SECRET, "types": [SECRET]}, headers=allowed)
    client.post("/restore", json={"text": SECRET, "token": SECRET}, headers=allowed)
    rules = {"allow": [SECRET], "deny": [{"type": "AGE", "value": SECRET}]}
    for pattern in (SECRET, f"({SECRET}"):
        own = {**rules, "patterns": [{"type": "AGE", "pattern": pattern}]}
        client.post("/redact", json={"text": SECRET, **own}, headers=allowed)
        line = json.dumps({"text": SECRET, SECRET: SECRET}) + "\n" + json.dumps({"text": SECRET, **own})
        client.post("/detect/batch", content=line, headers={**allowed, "Content-Type": "application/x-ndjson"})
    client.get(f"/{SECRET}?{SECRET}={SECRET}", headers=allowed)
    client.request("BREW", "/detect", headers=allowed)
    client.post("/detect", json={"text": SECRET}, headers={"X-API-Key": SECRET.encode().hex()})
    lines = [JsonLines().format(record) for record in caplog.records if record.name == "pii_sft.access"]
    metrics = client.get("/metrics", headers=allowed).text
    everything = "\n".join(
        [
            *lines,
            metrics,
            *(
                f"{record.getMessage()} {record.exc_info}"
                for record in caplog.records
                if record.name.partition(".")[0] in OURS
            ),
        ]
    )
    for part in ("机密", "13912345678", "13800138000", ALICE, SECRET.encode().hex(), "%E6"):
        assert part not in everything, part
    told = [json.loads(line) for line in lines]
    assert [(row["path"], row["status"]) for row in told] == [
        ("/detect", 200), ("/detect", 422), ("/restore", 409),
        ("/redact", 200), ("/detect/batch", 200), ("/redact", 422), ("/detect/batch", 200),
        ("unknown", 404), ("/detect", 405), ("unknown", 401),
    ]  # fmt: skip
    assert told[8]["method"] == "other" and all(row["bytes_out"] > 0 and row["ms"] >= 0 for row in told)
    assert 'pii_sft_entities_total{type="PHONE_NUMBER"} 2.0' in metrics
    assert 'pii_sft_requests_total{path="/detect",status="200"} 1.0' in metrics
    assert "pii_sft_characters_total 52.0" in metrics


def test_settings_come_from_flags_then_from_the_environment() -> None:
    environment = {"PII_SFT_RATE": "5", "PII_SFT_IN_FLIGHT": "7", "PII_SFT_API_KEYS": "keys", "PII_SFT_KEY": "a, b,"}
    settings = read_settings({"in_flight": 9, "rate": None, "other": 1}, environment)
    assert (settings.rate, settings.in_flight, settings.api_keys, settings.seal_keys) == (
        5,
        9,
        Path("keys"),
        ("a", "b"),
    )
    assert "key=set" in str(settings) and "a, b" not in f"{settings} {settings!r}"
    assert "key=none" in str(Settings()) and "origins=none" in str(Settings())


@pytest.mark.parametrize(
    ("given", "environment"), [({}, {"PII_SFT_RATE": "many"}), ({"in_flight": 0}, {}), ({}, {"PII_SFT_DEADLINE": "0"})]
)
def test_settings_that_are_none_are_named(given: dict[str, int], environment: dict[str, str]) -> None:
    with pytest.raises(ModelError, match=r"PII_SFT_RATE: not a number|in_flight: not|deadline: not"):
        read_settings(given, environment)


def test_every_setting_is_described_and_the_page_is_current() -> None:
    assert HELP.keys() == Settings.__dataclass_fields__.keys()
    page = Path(__file__).parent.parent.parent / "docs" / "settings.md"
    assert page.read_text(encoding="utf-8") == settings_markdown()
