from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given

from eval.scores.error_analysis import (
    KINDS,
    Mistake,
    Pattern,
    confusions,
    form,
    mistakes,
    pattern,
    patterns,
    system_of,
    worst_slices,
)
from schemas.errors import DataError
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType as T
from tests.eval.samples import NAME, PHONE, TEXT, evaluated
from tests.eval.scores.test_counts import pairs


def test_every_kind_of_error() -> None:
    true = [Entity(0, 2, NAME), Entity(3, 5, NAME), Entity(6, 8, NAME), Entity(8, 13, PHONE), Entity(20, 22, NAME)]
    found = [
        Entity(0, 2, NAME),
        Entity(3, 4, NAME),
        Entity(6, 8, T.ADDRESS),
        Entity(9, 13, T.QQ_NUMBER),
        Entity(30, 31, PHONE),
    ]
    assert list(mistakes(true, found)) == [
        Mistake("type", true[2], found[2]),
        Mistake("boundary", true[1], found[1]),
        Mistake("type and boundary", true[3], found[3]),
        Mistake("missed", true[4], None),
        Mistake("spurious", None, found[4]),
    ]
    assert {mistake.kind for mistake in mistakes(true, found)} == set(KINDS)


@given(pairs)
def test_all_that_is_not_right_is_in_one_error(pair: tuple[Sequence[Entity], Sequence[Entity]]) -> None:
    true, found = pair
    listed = list(mistakes(true, found))
    assert sorted(mistake.true for mistake in listed if mistake.true) == sorted(set(true) - set(found))
    assert sorted(mistake.found for mistake in listed if mistake.found) == sorted(set(found) - set(true))


def test_the_closest_are_paired() -> None:
    true, found = [Entity(0, 10, NAME)], [Entity(0, 3, T.ADDRESS), Entity(3, 10, NAME)]
    assert list(mistakes(true, found)) == [Mistake("boundary", true[0], found[1]), Mistake("spurious", None, found[0])]


def test_a_pattern_does_not_tell_the_value() -> None:
    assert pattern(TEXT, Mistake("missed", Entity(8, 13, PHONE), None)) == Pattern(
        "missed", "PHONE_NUMBER", "", "digit 5"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("138-0013 8000", "digit 3, -, digit 4, space, digit 4"),
        ("张三A1", "han 2, latin, digit"),
        ("é\x00１", "letter, control, digit"),
        ("①③⑧〇²", "digit 5"),
        ("!@#$%", "symbol, @, symbol 3"),
        ("😀ก\u0e31", "symbol, letter, mark"),
        ("a1" * 20, "latin, digit, latin, digit, latin, digit, latin, digit…"),
    ],
)
def test_forms(value: str, shown: str) -> None:
    assert form(value) == shown


def test_the_errors_of_a_report(tmp_path: Path) -> None:
    figures = evaluated(tmp_path)
    bad = system_of(figures, "bad")
    assert system_of(figures, None).spec == "good"
    assert confusions(bad, 2) == [("31", "boundary", "PERSON_NAME", "PERSON_NAME"), ("31", "missed", "PERSON_NAME", "")]
    assert patterns(bad, 1) == [("31", "boundary", "PERSON_NAME", "PERSON_NAME", "han 2")]
    assert worst_slices(bad, 1)[0][0] == "type PERSON_NAME"
    with pytest.raises(DataError, match="has no detector other; it has good, bad"):
        system_of(figures, "other")


def test_examples_follow_the_form(tmp_path: Path) -> None:
    (row,) = patterns(system_of(evaluated(tmp_path, show_text=True), "bad"), 1)
    assert row[:5] == ("31", "boundary", "PERSON_NAME", "PERSON_NAME", "han 2")
    assert row[5:] == ("【张三】和李四，电话12345|", "【张三】和李四，电话12345", "【张三】和李四，电话12345")
