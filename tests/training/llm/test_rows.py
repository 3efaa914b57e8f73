from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.checkpoint.base import Base, open_base
from schemas.errors import DataError, RecordError
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T
from tests.strategies import examples as any_examples
from training.llm.recipe import Batches
from training.llm.rows import Turn, encode_row, fit, fitting, read_general

CHAT = open_base(Base(model="tiny-random-qwen2")).chat
SMALL = Batches(segment=40, overlap=8)


def test_short_examples_stay_as_they_are(examples: list[Example]) -> None:
    assert list(fit(examples, CHAT, Batches())) == examples


@given(any_examples(min_annotated=1), st.integers(8, 50))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_parts_keep_every_character_and_every_entity(example: Example, segment: int) -> None:
    parts = list(fit([example], CHAT, Batches(segment=segment, overlap=segment // 4)))
    text = example.document.text
    covered, seen, position = set(), set(), 0
    for part in parts:
        inner = part.document.text
        start = text.index(inner, position) if inner else 0
        position = start
        covered |= set(range(start, start + len(inner)))
        seen |= {(start + at, entity.type) for entity in part.entities for at in range(entity.start, entity.end)}
    if len(parts) == 1 or len(set(text)) == len(text):  # where a part stands is known
        assert covered == set(range(len(text)))
        assert seen >= {(at, entity.type) for entity in example.entities for at in range(entity.start, entity.end)}
    assert all(len(part.document.text) <= segment for part in parts)


def test_long_examples_are_split_at_sentences() -> None:
    text = "张三说明天来。" * 20
    entities = tuple(Entity(at, at + 2, T.PERSON_NAME) for at in range(0, len(text), 7))
    example = Example(Document("x", text), entities, "test")
    parts = list(fit([example], CHAT, SMALL))
    assert [part.document.id for part in parts] == [f"x#{number}" for number in range(len(parts))]
    assert all(part.document.text.startswith("张三") and part.document.text.endswith("。") for part in parts)
    assert all(len(part.entities) == len(part.document.text) // 7 for part in parts)


def test_dense_examples_are_split_until_they_fit() -> None:
    text = "13800138000," * 30
    entities = tuple(Entity(at, at + 11, T.PHONE_NUMBER) for at in range(0, len(text), 12))
    example = Example(Document("x", text), entities, "test", annotated=(T.PHONE_NUMBER,))
    limit = 400
    assert len(encode_row(example, example.annotated, CHAT).ids) > 2 * limit
    parts = list(fit([example], CHAT, Batches(max_tokens=limit)))
    assert all(len(encode_row(part, part.annotated, CHAT).ids) <= limit for part in parts)
    assert max(len(encode_row(part, part.annotated, CHAT).ids) for part in parts) > limit // 3
    assert {text[entity.start : entity.end] for part in parts for entity in part.entities} == {"13800138000"}


def test_a_question_that_never_fits_is_an_error() -> None:
    with pytest.raises(DataError, match=r"x.*does not fit 10 tokens"):
        list(fit([Example(Document("x", "张三"), (), "test")], CHAT, Batches(max_tokens=10)))


def test_general_rows_are_dialogue_with_loss_on_the_reply(data: Path) -> None:
    turns = read_general(data)
    assert len(turns) == 8
    tokens = encode_row(Turn("t", "你好", '{"a'), (), CHAT)
    assert CHAT.decode(tokens.ids) == '<|im_start|>user\n你好<|im_end|>\n<|im_start|>assistant\n{"a<|im_end|>'
    taught = [token for token, loss in zip(tokens.ids, tokens.loss, strict=True) if loss]
    assert CHAT.decode(taught) == '{"a<|im_end|>'


def test_faults_of_general_text_name_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"general\.jsonl: no such file.*sources\.general"):
        read_general(tmp_path)
    (tmp_path / "general.jsonl").write_text('{"instruction": "a", "input": "", "output": "b"}\n{}\n', encoding="utf-8")
    with pytest.raises(RecordError, match=r"general\.jsonl:2: turn: missing"):
        read_general(tmp_path)
    (tmp_path / "general.jsonl").write_bytes(b"\xff")
    with pytest.raises(DataError, match=r"general\.jsonl:1: byte 0 is not UTF-8"):
        read_general(tmp_path)


def test_unicode_line_separators_stay_inside_a_turn(tmp_path: Path) -> None:
    line = '{"instruction": "a\u2028b", "input": "", "output": "c\u0085d"}\n'
    (tmp_path / "general.jsonl").write_text(line, encoding="utf-8")
    assert read_general(tmp_path) == [Turn("general.jsonl:1", "a\u2028b", "c\u0085d")]


def test_turns_that_are_too_long_are_left_out_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    turns = [Turn("1", "好", "好"), Turn("2", "好", "好" * 200)]
    assert fitting(turns, CHAT, Batches(max_tokens=100)) == turns[:1]
    assert "1 turns of dialogue are longer" in capsys.readouterr().err
