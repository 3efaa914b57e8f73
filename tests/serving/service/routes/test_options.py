"""What a request can ask for beside types and a least score."""

from collections.abc import Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient

from schemas.engine import UnbiasedEngine
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.detection_options import OPERATING_POINTS
from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app

SECRET = "机密13912345678"


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(RulesEngine()))


class Weighing:
    """Finds the first character, surely, and the second one not so surely, or the third one too."""

    def __init__(self, recall: float = 0.0) -> None:
        self.recall = recall

    def with_bias(self, recall: float) -> "Weighing":
        return Weighing(recall)

    def detect(self, texts: Sequence[str], types: Sequence[T] | None = None) -> list[Prediction]:
        scores = (0.9, 0.7, 0.3)[: 3 if self.recall == OPERATING_POINTS["recall"].log_odds else 2]
        row = tuple(Detection(Entity(at, at + 1, T.PERSON_NAME), score, "model") for at, score in enumerate(scores))
        return [Prediction(text, row) for text in texts]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({}, 2),
        ({"operating_point": "balanced"}, 2),
        ({"operating_point": "recall"}, 3),
        ({"operating_point": "precision"}, 1),
        ({"operating_point": "recall", "min_score": 0.8}, 1),
        ({"operating_point": "precision", "min_score": 0.95}, 0),
    ],
)
def test_an_operating_point_finds_more_or_less(options: dict[str, object], count: int) -> None:
    client = TestClient(create_app(Weighing()))
    assert len(client.post("/detect", json={"text": "赵钱孙", **options}).json()["entities"]) == count
    redacted = client.post("/redact", json={"text": "赵钱孙", "style": "mask", **options}).json()["text"]
    assert redacted.count("*") == count


def test_offsets_count_what_is_asked_for(client: TestClient) -> None:
    text = "😀张 13800138000"
    for unit, place in (("code_point", (3, 14)), ("utf16", (4, 15)), ("utf8", (8, 19))):
        body = {"text": text, "offset_unit": unit}
        (found,) = client.post("/detect", json=body).json()["entities"]
        assert (found["start"], found["end"]) == place
        (stand_in,) = client.post("/redact", json=body).json()["entities"]
        assert (stand_in["start"], stand_in["end"]) == (place[0], place[0] + len("[PHONE_NUMBER_1]"))


def test_own_values_and_patterns_hold_in_every_route(client: TestClient) -> None:
    text = "工号：123456，拨10086或13800138000找凤凰"
    options = {
        "types": ["PHONE_NUMBER"],
        "min_score": 0.5,
        "allow": ["13800138000"],
        "deny": [{"type": "ORGANIZATION", "value": "凤凰"}],
        "patterns": [{"type": "USERNAME", "pattern": r"工号[:：](\d{6})"}],
    }
    found = client.post("/detect", json={"text": text, **options}).json()["entities"]
    assert [(one["value"], one["type"]) for one in found] == [("123456", "USERNAME"), ("凤凰", "ORGANIZATION")]
    batch = client.post("/detect/batch", json={"texts": [text, ""], **options}).json()["results"]
    assert [row["entities"] for row in batch] == [found, []]
    redacted = client.post("/redact", json={"text": text, **options}).json()["text"]
    assert redacted == "工号：[USERNAME_1]，拨10086或13800138000找[ORGANIZATION_1]"
    allowed = {"text": text, "allow_list": ["13800138000"]}
    assert "PHONE_NUMBER" not in {row["entity_type"] for row in client.post("/analyze", json=allowed).json()}


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"patterns": [{"type": "USERNAME", "pattern": f"({SECRET}"}]}, ["body", "patterns", 0, "pattern"]),
        ({"patterns": [{"type": "EMPLOYEE 1", "pattern": "a"}]}, ["body", "patterns", 0, "type"]),
        ({"patterns": [{"type": "USERNAME", "pattern": "a"}] * 51}, ["body", "patterns"]),
        (
            {"patterns": [{"type": "USERNAME", "pattern": "a"}, {"type": "AGE", "pattern": r"\1"}]},
            ["body", "patterns", 1, "pattern"],
        ),
        ({"patterns": [{"type": "USERNAME", "pattern": ""}]}, ["body", "patterns", 0, "pattern"]),
        ({"deny": [{"type": "USERNAME", "value": ""}]}, ["body", "deny", 0, "value"]),
        ({"deny": [SECRET]}, ["body", "deny", 0]),
        ({"allow": ["x"] * 1_001}, ["body", "allow"]),
        ({"allow": [SECRET * 100]}, ["body", "allow", 0]),
        ({"patterns": [{"type": "Phone_Number", "pattern": "a"}]}, ["body", "patterns", 0, "type"]),
        ({"allow_patterns": ["a", f"({SECRET}"]}, ["body", "allow_patterns", 1]),
        ({"allow_patterns": [f"(?:{SECRET})?"]}, ["body", "allow_patterns", 0]),
        ({"min_score": {SECRET: 0.5}}, ["body", "min_score"]),
        ({"min_score": {"EMAIL": "0.5"}}, ["body", "min_score"]),
        ({"min_score": {"项目代号": 0.5}}, ["body", "min_score"]),
        ({"alow": [SECRET]}, ["body", "alow"]),
        ({"deny": [{"type": f"K{number}x", "value": "a"} for number in range(51)]}, ["body", "deny"]),
        ({"deny": [{"type": "AGE", "value": "a", "score": 1}]}, ["body", "deny", 0, "score"]),
        ({"operating_point": SECRET}, ["body", "operating_point"]),
        ({"offset_unit": "utf32"}, ["body", "offset_unit"]),
    ],
)
def test_bad_options_are_named_and_not_repeated(client: TestClient, options: dict[str, object], place: object) -> None:
    for path in ("/detect", "/redact"):
        response = client.post(path, json={"text": SECRET, **options})
        assert response.status_code == 422 and response.json()["detail"][0]["loc"] == place
        assert "机密" not in response.text and "139" not in response.text


def test_scores_and_styles_may_differ_by_type(client: TestClient) -> None:
    text = "拨13800138000，写信给li@example.com"
    found = client.post("/detect", json={"text": text, "min_score": {"PHONE_NUMBER": 0.96, "DEFAULT": 0.5}})
    assert [one["type"] for one in found.json()["entities"]] == ["EMAIL"]
    assert client.post("/detect", json={"text": text, "min_score": {"DEFAULT": 0.96}}).json() == {"entities": []}
    style = {"PHONE_NUMBER": "mask", "DEFAULT": "label"}
    assert client.post("/redact", json={"text": text, "style": style}).json()["text"] == "拨***********，写信给[EMAIL]"
    refused = client.post("/redact", json={"text": text, "style": {"PHONE": "mask"}})
    assert refused.status_code == 422 and refused.json()["detail"][0]["loc"] == ["body", "style"]


def test_all_types_have_a_name(client: TestClient) -> None:
    text = "见https://example.com/a"
    assert client.post("/detect", json={"text": text}).json() == {"entities": []}
    assert client.post("/detect", json={"text": text, "types": ["ALL"]}).json()["entities"][0]["type"] == "URL"


def test_types_of_ones_own_are_marked_and_redacted(client: TestClient) -> None:
    body: dict[str, Any] = {
        "text": "翠鸟由K-7788负责，电话13800138000",
        "deny": [{"type": "项目代号", "value": "翠鸟"}],
        "patterns": [{"type": "员工号", "pattern": r"[A-Z]-\d{4}"}],
    }
    found = client.post("/detect", json=body).json()["entities"]
    assert [(one["type"], one["value"]) for one in found][:2] == [("项目代号", "翠鸟"), ("员工号", "K-7788")]
    assert client.post("/redact", json=body).json()["text"] == "[项目代号_1]由[员工号_1]负责，电话[PHONE_NUMBER_1]"
    styled = client.post("/redact", json={**body, "style": {"员工号": "mask", "DEFAULT": "label"}}).json()
    assert styled["text"] == "[项目代号]由*-****负责，电话[PHONE_NUMBER]"
    assert styled["entities"][0]["type"] == "项目代号" and "项目代号" not in client.get("/metrics").text


def test_what_is_allowed_may_be_written_in_other_ways_or_match_a_pattern(client: TestClient) -> None:
    text = "拨138-0013-8000，写信给Li@Example.com或li@example.com.cn"
    body = {"text": text, "allow": ["１３８ ００１３ ８０００"], "allow_patterns": ["@example\\.com$"]}
    assert [one["value"] for one in client.post("/detect", json=body).json()["entities"]] == ["li@example.com.cn"]


def test_slow_rules_are_the_clients_fault(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.engines.custom_rules.MAX_SECONDS", 0.02)
    body = {"text": "a" * 200_000, "patterns": [{"type": "USERNAME", "pattern": "a+b|a"}]}
    response = client.post("/detect", json=body)
    assert response.status_code == 422 and response.json()["detail"][0]["type"] == "custom_rules"


class Naming(UnbiasedEngine):
    """Finds a name, and its further mention."""

    def detect(self, texts: Sequence[str], types: Sequence[T] | None = None) -> list[Prediction]:
        name, mention = Entity(0, 2, T.PERSON_NAME), Entity(3, 5, T.PERSON_NAME)
        found = (Detection(name, 0.99, "model"), Detection(mention, 0.99, "repeat"))
        return [Prediction(text, found) for text in texts]


def test_a_request_can_leave_out_repeated_names() -> None:
    client = TestClient(create_app(Naming()))

    def sources(**fields: Any) -> list[str]:
        answer = client.post("/detect", json={"text": "向阳，向阳", **fields}).json()
        return [entity["source"] for entity in answer["entities"]]

    assert sources() == sources(repeated_names=True) == ["model", "repeat"]
    assert sources(repeated_names=False) == ["model"]
    redacted = client.post("/redact", json={"text": "向阳，向阳", "repeated_names": False}).json()
    assert redacted["text"] == "[PERSON_NAME_1]，向阳"
