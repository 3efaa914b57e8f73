from typing import Any

import pytest
from starlette.testclient import TestClient

from schemas.taxonomy import EntityType
from serving.engines.custom_rules import CustomRules
from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app

TEXT = "电话13800138000，邮箱zhang@example.com"


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(RulesEngine()))


def analyze(client: TestClient, **fields: Any) -> Any:
    response = client.post("/analyze", json={"text": TEXT, "language": "en", **fields})
    assert response.status_code == 200, response.text
    return response.json()


def test_presidio_anonymizer_works_with_what_analyze_answers(client: TestClient) -> None:
    pytest.importorskip("presidio_anonymizer", reason="needs presidio-anonymizer")
    from presidio_anonymizer import AnonymizerEngine
    from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

    results = [RecognizerResult.from_json(row) for row in analyze(client)]
    operators = {"PHONE_NUMBER": OperatorConfig("mask", {"masking_char": "*", "chars_to_mask": 7, "from_end": True})}
    made = AnonymizerEngine().anonymize(TEXT, results, operators)
    assert made.text == "电话1380*******，邮箱<EMAIL_ADDRESS>"


def test_requests_of_presidios_clients(client: TestClient) -> None:
    phone, mail = analyze(client)
    assert (phone["entity_type"], phone["start"], phone["end"]) == ("PHONE_NUMBER", 2, 13)
    assert mail["entity_type"] == "EMAIL_ADDRESS" and mail["analysis_explanation"] is None
    assert analyze(client, entities=["EMAIL_ADDRESS"]) == [mail] == analyze(client, entities=["EMAIL"])
    assert analyze(client, score_threshold=1.0) == []
    assert analyze(client, allow_list=["13800138000"], correlation_id="1", return_decision_process=False) == [mail]
    (explained,) = analyze(client, entities=["EMAIL"], return_decision_process=True)
    assert explained["analysis_explanation"]["original_score"] == explained["score"]
    assert analyze(client, text=[TEXT, "", "x"]) == [[phone, mail], [], []]


def test_an_allow_list_of_patterns(client: TestClient) -> None:
    phone, mail = analyze(client)
    for pattern, flags in ((r"@EXAMPLE\.com$", 26), (r"@example\.com$", 0)):
        assert analyze(client, allow_list=["x", pattern], allow_list_match="regex", regex_flags=flags) == [phone]
    everything = {"allow_list": [r"@EXAMPLE\.com$"], "allow_list_match": "regex", "regex_flags": 0}
    assert analyze(client, **everything) == [phone, mail] == analyze(client, allow_list=["@example.com"])


def test_recognisers_of_a_request(client: TestClient) -> None:
    text = "翠鸟工程的编号：zx-4471，别处zx-9920"
    recogniser = {
        "name": "numbers",
        "supported_language": "zh",
        "supported_entity": "PROJECT_CODE",
        "patterns": [{"name": "weak", "regex": r"ZX-(\d)(\d+)", "score": 0.1}],
        "context": ["编号"],
    }
    names = {"supported_entity": "项目", "deny_list": ["翠鸟"], "deny_list_score": 0.7}

    def found(**fields: Any) -> list[tuple[str, int, float]]:
        rows = analyze(client, text=text, ad_hoc_recognizers=[recogniser, names], **fields)
        return [(row["entity_type"], row["start"], row["score"]) for row in rows]

    assert found() == [("项目", 0, 0.7), ("PROJECT_CODE", 8, 0.45), ("PROJECT_CODE", 18, 0.45)]
    assert found(score_threshold=0.5) == [("项目", 0, 0.7)] == found(entities=["项目"])
    assert found(entities=["EMAIL"]) == []


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"entities": ["PHONE_NUMBER", "机密"]}, ["entities", 1]),
        ({"allow_list": ["(机密"], "allow_list_match": "regex"}, ["allow_list", 0]),
        ({"allow_list": ["机密"], "allow_list_match": "机密"}, ["allow_list_match"]),
        ({"allow_list": ["机密"], "allow_list_match": "regex", "regex_flags": 64}, ["regex_flags"]),
        ({"context": ["机密"]}, ["context"]),
        ({"language": "de"}, ["language"]),
        ({"treshold": 0.5}, ["treshold"]),
        ({"ad_hoc_recognizers": [{"name": "机密"}]}, ["ad_hoc_recognizers", 0, "supported_entity"]),
        ({"ad_hoc_recognizers": [{"supported_entity": "X"}]}, ["ad_hoc_recognizers", 0]),
        (
            {
                "ad_hoc_recognizers": [
                    {"supported_entity": "X", "patterns": [{"name": "", "regex": "(?=机密)", "score": 1}]}
                ]
            },
            ["ad_hoc_recognizers", 0, "patterns", 0, "regex"],
        ),
        (
            {
                "ad_hoc_recognizers": [
                    {"supported_entity": "X", "patterns": [{"name": "", "regex": "机)|(?:密", "score": 1}]}
                ]
            },
            ["ad_hoc_recognizers", 0, "patterns", 0, "regex"],
        ),
        ({"allow_list": ["a", "机密|"], "allow_list_match": "regex"}, ["allow_list", 1]),
    ],
)
def test_what_is_not_honoured_is_refused_by_name(client: TestClient, fields: dict[str, Any], place: list[Any]) -> None:
    response = client.post("/analyze", json={"text": TEXT, **fields})
    assert response.status_code == 422 and response.json()["detail"][0]["loc"] == ["body", *place]
    assert "机密" not in response.text


def test_rules_of_the_service_are_entities_too() -> None:
    rules = CustomRules.of((), {"翠鸟": EntityType.named("项目代号")}, ())
    client = TestClient(create_app(RulesEngine(), custom_rules=rules))
    assert [row["entity_type"] for row in analyze(client, text="翠鸟13800138000", entities=["项目代号"])] == [
        "项目代号"
    ]
    assert "项目代号" in client.get("/supportedentities").json()


def test_clients_of_both_routes(client: TestClient) -> None:
    made = client.post(
        "/anonymize", json={"text": TEXT, "analyzer_results": analyze(client, return_decision_process=True)}
    )
    assert made.json()["text"] == "电话<PHONE_NUMBER>，邮箱<EMAIL_ADDRESS>"
    assert [item["operator"] for item in made.json()["items"]] == ["replace", "replace"]
    anonymizers = {"EMAIL": {"type": "redact"}, "DEFAULT": {"type": "hash"}}
    body = {"text": TEXT, "analyzer_results": analyze(client), "anonymizers": anonymizers}
    texts = {client.post("/anonymize", json=body).json()["text"] for _ in range(2)}
    assert len(texts) == 2 and all(text.endswith("，邮箱") for text in texts)
    assert client.get("/anonymizers").json() == ["hash", "keep", "mask", "redact", "replace"]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"anonymizers": {"DEFAULT": {"type": "encrypt", "key": "机密"}}}, ["anonymizers", "DEFAULT"]),
        ({"anonymizers": {"机密": {"type": "机密"}}}, ["anonymizers"]),
        ({"anonymizers": {"X": {"type": "redact", "new_value": "机密"}}}, ["anonymizers", "X", "redact", "new_value"]),
        ({"anonymizers": {"X": {"type": "mask", "from_end": "机密"}}}, ["anonymizers", "X", "mask", "masking_char"]),
        ({"anonymizers": {"DEFAULT": {"type": "hash", "salt": "机密"}}}, ["anonymizers", "DEFAULT", "hash", "salt"]),
        ({"analyzer_results": [{"start": 0, "end": 999, "entity_type": "机密", "score": 1}]}, ["analyzer_results", 0]),
        ({"analyzer_results": [{"start": 0, "end": 9, "entity_type": "X", "score": 1}] * 999}, ["analyzer_results"]),
        ({"analyzer_results": [{"start": 3, "end": 2, "entity_type": "X", "score": 1}]}, ["analyzer_results", 0]),
        ({"conflict_resolution": "机密"}, ["conflict_resolution"]),
    ],
)  # fmt: skip
def test_what_anonymize_does_not_do_is_refused(client: TestClient, fields: dict[str, Any], place: list[Any]) -> None:
    response = client.post("/anonymize", json={"text": TEXT, "analyzer_results": [], **fields})
    assert response.status_code == 422 and response.json()["detail"][0]["loc"] == ["body", *place]
    assert "机密" not in response.text


def test_what_can_be_asked_for(client: TestClient) -> None:
    names = client.get("/supportedentities", params={"language": "en"}).json()
    assert {"PERSON", "PHONE_NUMBER", "CREDIT_CARD", "ID_CARD_NUMBER"} <= set(names) and len(names) == len(
        set(names)
    ) == 36
    assert client.get("/recognizers").json() == ["PiiSftRecognizer"]
