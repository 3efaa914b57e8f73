"""Entities to BIOES tags; a reference decoder reads them back."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from schemas.spans.entity import Entity
from schemas.spans.tags import OUTSIDE, TAGS, Span, allowed_tags, encode_tags, tag_id
from schemas.taxonomy import ALL_TYPES, EntityType
from tests.strategies import entities_in, texts, token_spans, type_lists


def decode_groups(tags: Sequence[int]) -> list[tuple[int, int, EntityType]]:
    """Read well-formed BIOES tags back: first token, token after the last, type. Fails on any other sequence."""
    groups = []
    open_at, open_kind = -1, ""
    for index, tag in enumerate(tags):
        prefix, _, kind = TAGS[tag].partition("-")
        inside = open_at >= 0
        assert (prefix in "IE") == inside and (not inside or kind == open_kind), "malformed tags"
        if prefix == "B":
            open_at, open_kind = index, kind
        elif prefix == "S":
            groups.append((index, index + 1, EntityType(kind)))
        elif prefix == "E":
            groups.append((open_at, index + 1, EntityType(kind)))
            open_at = -1
    assert open_at < 0, "entity without end"
    return groups


def overlaps(token: Span, entity: Entity) -> bool:
    return max(token[0], entity.start) < min(token[1], entity.end)


def test_tag_numbers_follow_the_taxonomy() -> None:
    assert TAGS[:5] == ("O", "B-PERSON_NAME", "I-PERSON_NAME", "E-PERSON_NAME", "S-PERSON_NAME")
    assert len(TAGS) == len(set(TAGS)) == 1 + 4 * len(ALL_TYPES)
    assert all(TAGS[tag_id(kind, prefix)] == f"{prefix}-{kind}" for kind in ALL_TYPES for prefix in "BIES")


@given(type_lists)
def test_allowed_tags_are_outside_and_the_tags_of_the_types(types: tuple[EntityType, ...]) -> None:
    allowed = allowed_tags(types)
    assert allowed == sorted(allowed) and allowed[0] == OUTSIDE
    assert {TAGS[tag][2:] for tag in allowed[1:]} == set(types)
    assert len(allowed) == 1 + 4 * len(types)


@given(st.data())
def test_one_character_tokens_give_the_entities_back(data: st.DataObject) -> None:
    text = data.draw(texts)
    entities = data.draw(entities_in(text))
    tags = encode_tags([(index, index + 1) for index in range(len(text))], entities)
    assert tuple(Entity(*group) for group in decode_groups(tags)) == entities


@given(st.data())
def test_any_tokens_no_group_crosses_entities(data: st.DataObject) -> None:
    text = data.draw(texts)
    entities, tokens = data.draw(entities_in(text)), data.draw(token_spans(len(text)))
    tags = encode_tags(tokens, entities)
    assert len(tags) == len(tokens)
    owners = []
    for first, after, kind in decode_groups(tags):
        first_owner = next(entity for entity in entities if overlaps(tokens[first], entity) and entity not in owners)
        owners.append(first_owner)
        assert first_owner.type == kind
        assert all(overlaps(token, first_owner) for token in tokens[first:after])
    assert owners == sorted(owners)


@given(st.data())
def test_exactly_the_tokens_in_entities_are_tagged(data: st.DataObject) -> None:
    text = data.draw(texts)
    entities, tokens = data.draw(entities_in(text)), data.draw(token_spans(len(text)))
    tagged = [tag != OUTSIDE for tag in encode_tags(tokens, entities)]
    assert tagged == [any(overlaps(token, entity) for entity in entities) for token in tokens]


def test_a_shared_token_goes_to_the_first_entity() -> None:
    entities = [Entity(0, 2, EntityType.PERSON_NAME), Entity(2, 5, EntityType.LOCATION)]
    tags = encode_tags([(0, 3), (3, 4), (4, 6)], entities)
    assert [TAGS[tag] for tag in tags] == ["S-PERSON_NAME", "B-LOCATION", "E-LOCATION"]


def test_an_empty_token_inside_an_entity_stays_outside() -> None:
    tags = encode_tags([(0, 2), (2, 2), (2, 4)], [Entity(0, 4, EntityType.LOCATION)])
    assert [TAGS[tag] for tag in tags] == ["B-LOCATION", "O", "E-LOCATION"]
