"""The embedded model: what holds for any text, and a first look at quality that no sane model fails."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pii_sft import Detector
from schemas.checkpoint.tagger_manifest import REST_FILE
from schemas.errors import InvalidTextError, ModelError
from schemas.json_schema import response_schema
from schemas.spans.prediction import Prediction
from schemas.tagger.calibration import CALIBRATION, EARLY_CALIBRATION
from schemas.tagger.lexicon import LEXICON
from schemas.taxonomy import ALL_TYPES
from schemas.taxonomy import EntityType as T
from schemas.text.tokenize import tokenize
from serving.engines.tagger.engine import EMBEDDED, Tagger

SAMPLE = "收件人张三，电话138-0013-8000，住北京市朝阳区建国路88号5号楼502室，邮箱lilei@example.com。\r\n"


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.load()


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger()


def found(prediction: Prediction) -> list[tuple[str, str]]:
    return [(str(entity.type), prediction.value(entity)) for entity in prediction.entities]


def test_sample_of_the_readme(detector: Detector) -> None:
    entities = found(detector.detect("收件人张三，电话138-0013-8000，住北京市朝阳区建国路88号。"))
    assert entities == [
        ("PERSON_NAME", "张三"),
        ("PHONE_NUMBER", "138-0013-8000"),
        ("ADDRESS", "北京市朝阳区建国路88号"),
    ]


def test_full_width_digits_emoji_and_line_breaks_keep_their_positions(detector: Detector) -> None:
    text = "😀e\u0301\r\n电话１３８００１３８０００\r\n👨‍👩‍👧李雷的邮箱lilei@example.com"
    entities = found(detector.detect(text))
    assert ("PHONE_NUMBER", "１３８００１３８０００") in entities
    assert ("EMAIL", "lilei@example.com") in entities


def test_names_in_markdown_are_found_like_bare_ones(detector: Detector) -> None:
    text = "## 分工\n\n- **贾明宇**：前端\n- **祁连**：后端\n\n验收由***葛静***负责，*邱少云*备份"
    prediction = detector.detect(text)
    assert found(prediction) == [("PERSON_NAME", name) for name in ("贾明宇", "祁连", "葛静", "邱少云")]
    assert [text[entity.start : entity.end] for entity in prediction.entities] == ["贾明宇", "祁连", "葛静", "邱少云"]


def test_a_room_and_a_phone_number_glued_to_it_are_told_apart(detector: Detector) -> None:
    entities = found(detector.detect("贾明宇江苏省苏州市姑苏区学府路9号2栋1单元120313612345678"))
    assert entities == [
        ("PERSON_NAME", "贾明宇"),
        ("ADDRESS", "江苏省苏州市姑苏区学府路9号2栋1单元1203"),
        ("PHONE_NUMBER", "13612345678"),
    ]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_a_valid_response(detector: Detector, text: str) -> None:
    prediction = detector.detect(text, ALL_TYPES)
    jsonschema.validate(prediction.to_dict(), response_schema())
    previous_end = 0
    for entity in prediction.to_dict()["entities"]:
        assert entity["value"] == text[entity["start"] : entity["end"]]
        assert entity["start"] >= previous_end
        previous_end = entity["end"]


def test_a_batch_gives_exactly_what_single_texts_give(detector: Detector) -> None:
    rng = random.Random(3)
    texts = [SAMPLE[rng.randrange(30) : rng.randrange(30, 80)] * rng.choice([1, 1, 2, 12]) for _ in range(24)] + [
        "",
        " ",
    ]
    singles = [detector.detect(text) for text in texts]
    assert detector.detect_batch(texts) == singles
    assert detector.detect_batch(texts[::-1]) == singles[::-1]


def test_concurrent_callers_get_what_a_single_one_gets(detector: Detector) -> None:
    texts = [SAMPLE * count for count in (1, 2, 9, 1, 3, 8)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(detector.detect, texts)) == [detector.detect(text) for text in texts]


def test_entities_on_window_borders_are_found_like_all_others(tagger: Tagger) -> None:
    text = "我叫李雷，住在北京。" * 200
    names = [entity for entity in tagger.detect([text])[0].entities if entity.type is T.PERSON_NAME]
    assert [text[name.start : name.end] for name in names] == ["李雷"] * 200


def test_nothing_is_cut_off_long_texts(tagger: Tagger) -> None:
    text = "今天天气不错，我们去公园散步。" * 700 + "联系人：王小明，电话13800138000"
    assert ("PERSON_NAME", "王小明") in found(tagger.detect([text])[0])


def test_only_requested_types_in_any_order_and_repetition(tagger: Tagger) -> None:
    (prediction,) = tagger.detect([SAMPLE], [T.EMAIL, T.PERSON_NAME, T.EMAIL])
    assert {entity.type for entity in prediction.entities} == {T.EMAIL, T.PERSON_NAME}
    assert tagger.detect([SAMPLE], [T.PERSON_NAME, T.EMAIL]) == [prediction]
    assert tagger.detect([SAMPLE], [])[0].entities == ()


def test_min_score_drops_only_what_is_below(detector: Detector) -> None:
    everything = detector.detect(SAMPLE).detections
    threshold = sorted(item.score for item in everything)[1]
    kept = detector.detect(SAMPLE, min_score=threshold).detections
    assert kept == tuple(item for item in everything if item.score >= threshold)


def test_lone_surrogates_are_refused(detector: Detector) -> None:
    with pytest.raises(InvalidTextError, match="position 1"):
        detector.detect("a\ud800")


def test_broken_model_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tagger\.json"):
        Tagger(tmp_path)
    (tmp_path / "tagger.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ModelError, match="no readable tagger manifest"):
        Tagger(tmp_path)
    (tmp_path / "tagger.json").write_bytes((EMBEDDED / "tagger.json").read_bytes())
    with pytest.raises(ModelError, match=r"lexicon\.npz: not a readable lexicon"):
        Tagger(tmp_path)
    (tmp_path / LEXICON).write_bytes((EMBEDDED / LEXICON).read_bytes())
    with pytest.raises(ModelError, match="cannot be loaded"):
        Tagger(tmp_path)


def test_shipped_files_fit_their_limits() -> None:
    assert all(file.stat().st_size <= 32_000_000 for file in EMBEDDED.iterdir())
    assert all((EMBEDDED / name).is_file() for name in (CALIBRATION, EARLY_CALIBRATION, REST_FILE))


@pytest.mark.parametrize("control", ["</s>", "<s>", "<pad>", "<unk>"])
def test_text_never_becomes_a_control_token(tagger: Tagger, control: str) -> None:
    ids, spans = tokenize(tagger.tokenizer, f"密码{control}张三")
    assert not set(ids) & {tagger.window.bos, tagger.window.eos, tagger.window.pad}
    assert [start for start, end in spans if start < end] == sorted({start for start, end in spans if start < end})
    assert len(ids) >= 4 + len(control) - 2


def test_any_iterable_of_texts_and_nothing_else(detector: Detector) -> None:
    assert detector.detect_batch(text for text in [SAMPLE, ""]) == detector.detect_batch([SAMPLE, ""])
    assert detector.detect_batch([]) == []
    for wrong in ("电话13800138000", [None], [b"abc"]):
        with pytest.raises(TypeError, match="iterable of strings"):
            detector.detect_batch(wrong)  # type: ignore[arg-type]
