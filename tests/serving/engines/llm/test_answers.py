import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.llm.codec import encode_answer
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType as T
from serving.engines.llm.answers import WrittenAnswer, read_answer
from tests.strategies import marked_texts


def bytewise(answer: str, probability: float = 1.0) -> WrittenAnswer:
    """An answer of one token a byte, each of the same probability."""
    tokens = [bytes([byte]) for byte in answer.encode()]
    return WrittenAnswer(tokens, [math.log(probability)] * len(tokens))


@given(marked_texts())
def test_answers_become_the_entities_they_name(marked: tuple[str, tuple[Entity, ...]]) -> None:
    text, entities = marked
    found, whole = read_answer(text, bytewise(encode_answer(text, entities), 0.5))
    assert whole
    assert tuple(detection.entity for detection in found) == entities
    assert all(detection.score == pytest.approx(0.5) for detection in found)
    assert all((detection.source, detection.validated) == ("model", None) for detection in found)


@given(marked_texts(), st.data())
def test_of_a_cut_off_answer_the_whole_items_count(marked: tuple[str, tuple[Entity, ...]], data: st.DataObject) -> None:
    text, entities = marked
    answer = encode_answer(text, entities)
    cut = data.draw(st.integers(0, len(answer.encode()) - 1))
    written = bytewise(answer)
    found, whole = read_answer(text, WrittenAnswer(written.tokens[:cut], written.log_probabilities[:cut]))
    assert not whole
    assert tuple(detection.entity for detection in found) == entities[: len(found)]


def test_a_score_is_the_geometric_mean_over_type_and_value() -> None:
    tokens = [b'{"entities":[{"type":"', b"EMAIL", b'","value":"', b"a", b"b", b'"}', b"]}"]
    probabilities = [0.1, 0.9, 0.1, 0.5, 0.8, 0.1, 0.1]
    (found,), whole = read_answer("ab", WrittenAnswer(tokens, [math.log(p) for p in probabilities]))
    assert whole
    assert found.score == pytest.approx((0.9 * 0.5 * 0.8) ** (1 / 3))


def test_tokens_may_cut_characters() -> None:
    answer = encode_answer("张三", [Entity(0, 2, T.PERSON_NAME)])
    (found,), _ = read_answer("张三", bytewise(answer))
    assert found.entity == Entity(0, 2, T.PERSON_NAME)
    assert "张" not in repr(bytewise(answer))
