from typing import Any

import pytest

from pii_sft import Detector
from serving.engines.rules.engine import RulesEngine

presidio_analyzer = pytest.importorskip("presidio_analyzer", reason="needs presidio-analyzer")
TEXT = "电话13800138000，邮箱zhang@example.com"


@pytest.fixture
def engine() -> Any:
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    from pii_sft.presidio_recognizer import PiiSftRecognizer

    registry = presidio_analyzer.RecognizerRegistry([], supported_languages=["zh"])
    registry.add_recognizer(PiiSftRecognizer(Detector(RulesEngine())))
    nothing = NoOpNlpEngine([{"lang_code": "zh", "model_name": "none"}])
    return presidio_analyzer.AnalyzerEngine(registry=registry, nlp_engine=nothing, supported_languages=["zh"])


def test_presidio_finds_chinese_with_it(engine: Any) -> None:
    found = engine.analyze(TEXT, "zh")
    assert sorted((one.entity_type, TEXT[one.start : one.end]) for one in found) == [
        ("EMAIL_ADDRESS", "zhang@example.com"),
        ("PHONE_NUMBER", "13800138000"),
    ]
    assert all(one.recognition_metadata["recognizer_name"] == "PiiSftRecognizer" for one in found)


def test_it_looks_for_what_is_asked_for(engine: Any) -> None:
    found = engine.analyze(TEXT, "zh", entities=["EMAIL_ADDRESS"])
    assert [one.entity_type for one in found] == ["EMAIL_ADDRESS"]
