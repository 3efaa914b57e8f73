"""Several detectors in one service: a request names the one that answers it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient

from schemas.engine import UnbiasedEngine
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from serving.engines.custom_rules import CustomRules
from serving.engines.rules.engine import RulesEngine
from serving.redaction import TokenCipher
from serving.service.app import create_app
from serving.service.settings import ServiceSettings


class FirstCharacter(UnbiasedEngine):
    """Takes the first character of a text for a name."""

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        name = Detection(Entity(0, 1, EntityType.PERSON_NAME), 1.0, "model", None)
        return [Prediction(text, (name,)) for text in texts]


@pytest.fixture
def client() -> TestClient:
    rules = CustomRules.of(["甲"], {}, [], [])
    settings = ServiceSettings(key=TokenCipher.new_key())
    return TestClient(create_app(RulesEngine(), settings, rules, {"first": FirstCharacter(), "second": RulesEngine()}))


def values(client: TestClient, **fields: Any) -> list[str]:
    answer = client.post("/detect", json={"text": "乙拨13800138000", **fields})
    assert answer.status_code == 200
    return [found["value"] for found in answer.json()["entities"]]


def test_a_request_names_its_detector(client: TestClient) -> None:
    assert values(client) == values(client, detector=None) == values(client, detector="second") == ["13800138000"]
    assert values(client, detector="first") == values(client, detector="first", operating_point="recall") == ["乙"]
    assert values(client, detector="first", text="甲乙") == []  # the rules of the service hold for all


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/redact", {"text": "乙来"}),
        ("/redact/batch", {"texts": ["乙来"]}),
        ("/redact/json", {"json": "乙来"}),
    ],
)
def test_redaction_and_batches_do_too(client: TestClient, path: str, body: dict[str, Any]) -> None:
    assert "乙" in client.post(path, json=body).text
    assert "乙" not in client.post(path, json={**body, "detector": "first"}).text


def test_each_line_of_a_stream_has_its_own(client: TestClient) -> None:
    rows = [{"text": "乙来", "detector": name} for name in ("first", None, "none", "first")]
    lines = "\n".join(json.dumps(row) for row in rows)
    answers = client.post("/detect/batch", content=lines, headers={"content-type": "application/x-ndjson"}).text
    found = [json.loads(line) for line in answers.splitlines()]
    assert [len(answer.get("entities", ())) for answer in found] == [1, 0, 0, 1]
    assert (found[2]["line"], found[2]["status"]) == (3, 422)


def test_an_unknown_name_is_refused_with_the_known_ones(client: TestClient) -> None:
    answer = client.post("/detect", json={"text": "乙来", "detector": "机密"})
    assert answer.status_code == 422
    (fault,) = answer.json()["detail"]
    assert (fault["loc"], fault["type"]) == (["body", "detector"], "unknown_detector")
    assert fault["msg"] == "no such detector; this service has: first, second"
    alone = TestClient(create_app(RulesEngine()))
    assert "none but its own" in alone.post("/detect", json={"text": "乙来", "detector": "first"}).text
