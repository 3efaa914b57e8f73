from typing import Any

import pytest
from starlette.testclient import TestClient

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
    assert analyze(client, entities=["EMAIL_ADDRESS", "US_ITIN"]) == [mail] == analyze(client, entities=["EMAIL"])
    assert analyze(client, entities=["US_ITIN"]) == [] == analyze(client, score_threshold=1.0)
    assert analyze(client, allow_list=["13800138000"], correlation_id="1", return_decision_process=True) == [mail]
    assert analyze(client, text=[TEXT, "", "x"]) == [[phone, mail], [], []]


def test_own_recognisers_are_refused_rather_than_passed_over(client: TestClient) -> None:
    response = client.post("/analyze", json={"text": TEXT, "ad_hoc_recognizers": [{"name": "机密"}]})
    assert response.status_code == 422 and "机密" not in response.text


def test_what_can_be_asked_for(client: TestClient) -> None:
    names = client.get("/supportedentities", params={"language": "en"}).json()
    assert {"PERSON", "PHONE_NUMBER", "CREDIT_CARD", "ID_CARD_NUMBER"} <= set(names) and len(names) == len(
        set(names)
    ) == 33
    assert client.get("/recognizers").json() == ["PiiSftRecognizer"]
