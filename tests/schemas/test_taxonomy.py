"""The taxonomy is one complete table; type names parse strictly."""

import pickle

import pytest
from hypothesis import given

from schemas.errors import UnknownTypeError
from schemas.taxonomy import ALL_TYPES, DEFAULT_TYPES, EntityType, Sensitivity, parse_types
from tests.strategies import type_lists


def test_types_are_their_names_in_the_order_of_the_enum() -> None:
    assert tuple(EntityType) == ALL_TYPES
    assert [kind.name for kind in EntityType] == [kind.value for kind in EntityType] == list(map(str, ALL_TYPES))
    assert all(EntityType(kind.name) is pickle.loads(pickle.dumps(kind)) is kind for kind in EntityType)


def test_every_row_is_filled_in_and_chinese_names_are_unique() -> None:
    assert all(kind.info.zh and kind.info.description and kind.info.example for kind in EntityType)
    assert len({kind.info.zh for kind in EntityType}) == len(EntityType)


def test_default_types() -> None:
    on_request = {"LOCATION", "ORGANIZATION", "DATE_TIME", "AGE", "GENDER", "JOB_TITLE", "URL"}
    assert set(ALL_TYPES) - set(DEFAULT_TYPES) == on_request


def test_traits() -> None:
    assert {kind for kind in EntityType if not kind.info.default} <= {kind for kind in EntityType if kind.info.shared}
    context = {kind for kind in EntityType if kind.info.sensitivity == Sensitivity.CONTEXT}
    assert context == {EntityType.LOCATION, EntityType.ORGANIZATION, EntityType.DATE_TIME, EntityType.URL}
    assert EntityType.PERSON_NAME.info.in_words and not EntityType.PHONE_NUMBER.info.in_words


def test_presidio_names_are_unique() -> None:
    assert EntityType.PERSON_NAME.presidio_name == "PERSON"
    assert EntityType.PHONE_NUMBER.presidio_name == "PHONE_NUMBER"
    assert len({kind.presidio_name for kind in EntityType}) == len(EntityType)


@given(type_lists)
def test_names_parse_into_the_order_of_the_taxonomy(types: tuple[EntityType, ...]) -> None:
    parsed = parse_types([*map(str, types), str(types[0])])
    assert parsed == tuple(sorted(types, key=ALL_TYPES.index))
    assert all(isinstance(kind, EntityType) for kind in parsed)


@pytest.mark.parametrize("names", [["EMAIL", "PHONE"], ["email"], [""], "EMAIL"])
def test_unknown_names_are_refused_with_the_valid_ones(names: list[str]) -> None:
    with pytest.raises(UnknownTypeError, match=r"valid types: PERSON_NAME, .*URL"):
        parse_types(names)


def test_types_of_ones_own_are_no_part_of_the_taxonomy() -> None:
    own = EntityType.named("项目代号")
    assert own == EntityType.named("项目代号") and f"[{own}]" == "[项目代号]" and own.presidio_name == "项目代号"
    assert pickle.loads(pickle.dumps(own)) == own and {own: 1}[EntityType.named("项目代号")] == 1
    assert own not in ALL_TYPES and EntityType.named("EMAIL") is EntityType.EMAIL
    with pytest.raises(ValueError, match="not a valid EntityType"):
        EntityType("项目代号")
    with pytest.raises(UnknownTypeError):
        parse_types([own])


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1a",
        "a b",
        "a-b",
        "x" * 41,
        "_a",
        "a_",
        "a__b",
        "a_1",
        "a_face",
        "Ａ",
        "email",
        "Person_Name",
        "all",
        "Default",
    ],
)
def test_a_type_of_ones_own_has_a_plain_name(name: str) -> None:
    with pytest.raises(UnknownTypeError, match="not a name"):
        EntityType.named(name)


def test_all_types_have_a_name() -> None:
    assert parse_types(["ALL"]) == parse_types(["EMAIL", "ALL"]) == ALL_TYPES


def test_parsed_types_are_parsed_once_and_none_are_the_default_ones() -> None:
    parsed = parse_types(["EMAIL"])
    assert parse_types(parsed) is parsed and parse_types(None) is DEFAULT_TYPES
