"""The taxonomy is one complete table; type names parse strictly."""

import pytest
from hypothesis import given

from schemas.errors import UnknownTypeError
from schemas.taxonomy import ALL_TYPES, DEFAULT_TYPES, TAXONOMY, EntityType, parse_types
from tests.strategies import type_lists


def test_the_table_has_one_row_per_type_in_the_order_of_the_enum() -> None:
    assert tuple(EntityType) == ALL_TYPES
    assert [kind.name for kind in EntityType] == [kind.value for kind in EntityType]


def test_every_row_is_filled_in_and_chinese_names_are_unique() -> None:
    assert all(row.zh and row.description and row.example for row in TAXONOMY)
    assert len({row.zh for row in TAXONOMY}) == len(TAXONOMY)


def test_default_types() -> None:
    on_request = {"LOCATION", "ORGANIZATION", "DATE_TIME", "AGE", "GENDER", "JOB_TITLE", "URL"}
    assert set(ALL_TYPES) - set(DEFAULT_TYPES) == on_request


@given(type_lists)
def test_names_parse_into_the_order_of_the_taxonomy(types: tuple[EntityType, ...]) -> None:
    parsed = parse_types([*map(str, types), str(types[0])])
    assert parsed == tuple(sorted(types, key=ALL_TYPES.index))
    assert all(isinstance(kind, EntityType) for kind in parsed)


@pytest.mark.parametrize("names", [["EMAIL", "PHONE"], ["email"], [""], "EMAIL"])
def test_unknown_names_are_refused_with_the_valid_ones(names: list[str]) -> None:
    with pytest.raises(UnknownTypeError, match=r"valid types: PERSON_NAME, .*URL"):
        parse_types(names)


def test_parsed_types_are_parsed_once_and_none_are_the_default_ones() -> None:
    parsed = parse_types(["EMAIL"])
    assert parse_types(parsed) is parsed and parse_types(None) is DEFAULT_TYPES
