"""Entity, Document and Example check themselves on construction and hide their text."""

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidTextError, SpanError
from schemas.spans.entity import Document, Entity, Example, check_spans
from schemas.taxonomy import EntityType
from tests.strategies import examples

NAME, PHONE = EntityType.PERSON_NAME, EntityType.PHONE_NUMBER


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-1, 2), (-3, -1)])
def test_empty_and_negative_spans_are_refused(start: int, end: int) -> None:
    with pytest.raises(SpanError, match="empty or negative"):
        Entity(start, end, NAME)


def test_entities_order_by_position() -> None:
    entities = [Entity(4, 5, NAME), Entity(0, 3, PHONE), Entity(0, 2, PHONE)]
    assert [(entity.start, entity.end) for entity in sorted(entities)] == [(0, 2), (0, 3), (4, 5)]


@pytest.mark.parametrize("text", ["\ud800", "张三\udfff", "\ude00\ud83d"])
def test_lone_surrogates_are_refused(text: str) -> None:
    with pytest.raises(InvalidTextError, match="lone surrogate"):
        Document("1", text)


@given(st.text())
def test_every_other_text_is_accepted(text: str) -> None:
    assert Document("1", text).text == text


@pytest.mark.parametrize(
    "spans",
    [[(0, 2), (1, 3)], [(2, 3), (0, 1)], [(0, 5)], [(0, 2), (0, 2)]],
    ids=["overlapping", "out of order", "outside the text", "twice"],
)
def test_spans_that_break_the_rules_are_refused(spans: list[tuple[int, int]]) -> None:
    entities = tuple(Entity(start, end, NAME) for start, end in spans)
    with pytest.raises(SpanError, match="doc-7"):
        check_spans(entities, 4, "doc-7")
    with pytest.raises(SpanError, match="doc-7"):
        Example(Document("doc-7", "张三李四"), entities, "test")


def test_touching_spans_are_accepted() -> None:
    check_spans([Entity(0, 2, NAME), Entity(2, 4, NAME)], 4, "doc")


def test_entities_of_types_that_are_not_annotated_are_refused() -> None:
    with pytest.raises(SpanError, match="PHONE_NUMBER"):
        Example(Document("1", "张三"), (Entity(0, 2, PHONE),), "test", annotated=(NAME,))


@given(examples())
def test_offsets_slice_a_value(example: Example) -> None:
    text = example.document.text
    assert all(len(text[entity.start : entity.end]) == entity.end - entity.start > 0 for entity in example.entities)


def test_text_stays_out_of_repr() -> None:
    document = Document("doc-1", "张三的手机")
    example = Example(document, (Entity(0, 2, NAME),), "test")
    assert repr(document) == "Document(id='doc-1')"
    assert "张三" not in repr(example) and "doc-1" in repr(example)


def test_documents_and_entities_are_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        Document("1", "a").text = "b"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        Entity(0, 1, NAME).end = 2  # type: ignore[misc]
