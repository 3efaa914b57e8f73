from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType
from schemas.text.sentences import clip, segments
from tests.strategies import entities_in

prose = st.text("张三来了13,. 。！\n”", max_size=200)


@given(prose, st.integers(4, 60), st.data())
def test_segments_cover_the_text_in_order(text: str, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size // 4))
    spans = segments(text, size, overlap)
    assert spans[0][0] == 0 and spans[-1][1] == len(text)
    assert all(0 <= end - start <= size for start, end in spans)
    for (first, end), (second, _) in pairwise(spans):
        assert first < second and end - overlap <= second <= end
    if len(text) <= size:
        assert spans == [(0, len(text))]


def test_segments_end_and_begin_at_sentences() -> None:
    text = "张三来了。李四走了。王五在家。"
    assert [text[start:end] for start, end in segments(text, 11, 2)] == ["张三来了。李四走了。", "王五在家。"]
    assert [text[start:end] for start, end in segments(text, 24, 6)] == [text]


def test_segments_share_whole_sentences() -> None:
    text = "甲来了。乙来了。丙来了。丁来了。戊来了。"
    assert [text[start:end] for start, end in segments(text, 16, 4)] == [text[:16], text[12:]]


def test_clauses_come_before_cutting_anywhere() -> None:
    assert segments("13800138000," * 3, 20, 5) == [(0, 12), (12, 24), (24, 36)]
    assert segments("1" * 25, 10, 2) == [(0, 10), (8, 18), (16, 25)]


def test_a_full_stop_inside_a_number_is_no_border() -> None:
    text = "10.0.0.1 is up. " + "x" * 10
    assert segments(text, 20, 0) == [(0, 15), (15, 26)]


def test_too_much_overlap_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap 3 must be"):
        segments("abc", 8, 3)


@given(st.data())
def test_clipped_entities_are_the_characters_inside(data: st.DataObject) -> None:
    text = "字" * 30
    entities = data.draw(entities_in(text))
    start = data.draw(st.integers(0, 29))
    end = data.draw(st.integers(start + 1, 30))
    covered = {(at, entity.type) for entity in entities for at in range(entity.start, entity.end) if start <= at < end}
    assert covered == {
        (at + start, entity.type) for entity in clip(entities, start, end) for at in range(entity.start, entity.end)
    }


def test_clipping_keeps_what_is_inside() -> None:
    entity = Entity(5, 9, EntityType.PERSON_NAME)
    assert clip([entity], 4, 10) == (Entity(1, 5, EntityType.PERSON_NAME),)
    assert clip([entity], 0, 5) == clip([entity], 9, 12) == ()
