"""The aligner: the rule by samples, its promises by properties."""

import time

from hypothesis import given
from hypothesis import strategies as st

from schemas.llm.align import align
from schemas.llm.codec import Mention, decode_answer, encode_answer
from schemas.spans.entity import Entity, check_spans
from schemas.taxonomy import EntityType
from tests.strategies import marked_texts, types

NAME, PHONE = EntityType.PERSON_NAME, EntityType.PHONE_NUMBER

crowded = st.text("ab", max_size=12)
crowded_mentions = st.lists(st.builds(Mention, types, st.text("ab", min_size=1, max_size=3)), max_size=8)


def spans(text: str, *values: str) -> list[tuple[int, int]]:
    return [(entity.start, entity.end) for entity in align(text, [Mention(NAME, value) for value in values]).entities]


def reference(text: str, mentions: list[Mention]) -> tuple[list[Entity], list[Mention]]:
    """The rule word by word, over every position."""
    placed: list[Entity] = []
    ungrounded = []
    cursor = 0
    for mention in mentions:
        size = len(mention.value)
        everywhere = [start for start in range(len(text)) if text[start : start + size] == mention.value]
        ahead = [start for start in everywhere if start >= cursor]
        free = [start for start in everywhere if all(start + size <= e.start or e.end <= start for e in placed)]
        if ahead:
            cursor = ahead[0] + size
        if ahead or free:
            start = (ahead or free)[0]
            placed.append(Entity(start, start + size, mention.type))
        else:
            ungrounded.append(mention)
    return sorted(placed), ungrounded


@given(marked_texts())
def test_encode_decode_align_gives_the_spans_back(marked: tuple[str, tuple[Entity, ...]]) -> None:
    text, entities = marked
    alignment = align(text, decode_answer(encode_answer(text, entities)))
    assert alignment.entities == entities
    assert alignment.ungrounded == ()


@given(crowded, crowded_mentions)
def test_the_rule(text: str, mentions: list[Mention]) -> None:
    alignment = align(text, mentions)
    entities, ungrounded = reference(text, mentions)
    assert (list(alignment.entities), list(alignment.ungrounded)) == (entities, ungrounded)


@given(crowded, crowded_mentions)
def test_every_mention_is_placed_on_its_value_or_reported(text: str, mentions: list[Mention]) -> None:
    alignment = align(text, mentions)
    check_spans(alignment.entities, len(text), "aligned")
    placed = [Mention(entity.type, text[entity.start : entity.end]) for entity in alignment.entities]
    assert sorted(map(key, [*placed, *alignment.ungrounded])) == sorted(map(key, mentions))


def key(mention: Mention) -> tuple[str, str]:
    return mention.type, mention.value


def test_repeated_values_take_one_occurrence_each() -> None:
    assert spans("张三和张三和张三", "张三", "张三") == [(0, 2), (3, 5)]


def test_a_value_out_of_order_is_found_and_does_not_move_the_cursor() -> None:
    assert spans("a b c b", "c", "a", "b") == [(0, 1), (4, 5), (6, 7)]


def test_an_earlier_occurrence_inside_a_placed_span_is_not_used() -> None:
    assert spans("张三丰 李四", "张三丰", "李四", "张三") == [(0, 3), (4, 6)]


def test_occurrences_that_overlap_each_other_are_all_tried() -> None:
    assert spans("aaab", "a", "b", "aa") == [(0, 1), (1, 3), (3, 4)]


def test_a_value_that_is_absent_or_used_up_is_ungrounded() -> None:
    mentions = [Mention(NAME, "张三"), Mention(PHONE, "张三"), Mention(NAME, "李四")]
    alignment = align("我是张三", mentions)
    assert alignment.entities == (Entity(2, 4, NAME),)
    assert alignment.ungrounded == (mentions[1], mentions[2])


def test_nothing_in_nothing() -> None:
    assert align("", []).entities == ()
    assert align("", [Mention(NAME, "a")]).ungrounded == (Mention(NAME, "a"),)


def test_values_stay_out_of_repr() -> None:
    assert "李四" not in repr(align("我是张三", [Mention(NAME, "李四"), Mention(NAME, "张三")]))


def test_long_texts_with_many_mentions_take_seconds_at_most() -> None:
    numbers = [str(10_000_000 + index) for index in range(20_000)]
    mentions = [Mention(PHONE, number) for number in numbers]
    loop = [Mention(NAME, "没有")] * 20_000 + [Mention(NAME, "，" * 20)] * 20_000
    late = mentions[:500][::-1]
    text = "，".join(numbers)
    began = time.process_time()
    assert len(align(text, mentions).entities) == 20_000
    assert len(align(text, [*mentions, *loop]).ungrounded) == 40_000
    assert len(align(text, [*mentions[500:], *late]).entities) == 20_000
    assert time.process_time() - began < 5


@given(crowded, crowded_mentions)
def test_every_entity_knows_its_mention(text: str, listed: list[Mention]) -> None:
    found = align(text, listed)
    assert len(found.order) == len(set(found.order)) == len(found.entities)
    for entity, number in zip(found.entities, found.order, strict=True):
        assert listed[number] == Mention(entity.type, text[entity.start : entity.end])
