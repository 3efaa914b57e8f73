"""Headers, log lines and metrics of a request, which hold nothing of what was sent."""

import json
import logging
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app
from serving.service.middleware.access_log import JsonFormatter
from serving.service.settings import ServiceSettings

SECRET = "机密13912345678"
OURS = {"pii_sft", "serving", "uvicorn", "fastapi", "starlette"}
ALICE, BOB = "alice-key-0123456789", "bob-key-0123456789"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# who may ask\nalice {ALICE}\n\nbob  {BOB}\n", encoding="utf-8")
    return path


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


def test_logs_and_metrics_tell_sizes_and_never_what_was_sent(caplog: pytest.LogCaptureFixture, keys: Path) -> None:
    client = TestClient(create_app(RulesEngine(), ServiceSettings(api_keys=keys, key="")))
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
    lines = [JsonFormatter().format(record) for record in caplog.records if record.name == "pii_sft.access"]
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
