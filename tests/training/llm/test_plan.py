import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.llm.prompt import usual_types
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import ALL_TYPES, DEFAULT_TYPES
from schemas.taxonomy import EntityType as T
from tests.strategies import examples as any_examples
from training.llm.plan import Draw, make_plan, request
from training.llm.recipe import Batches, Sampling
from training.llm.rows import Row, Turn

PLAIN = Batches(examples=4, step_examples=4)


def example(number: int, text: str, *types: T) -> Example:
    entities = tuple(Entity(at, at + 1, kind) for at, kind in enumerate(types))
    return Example(Document(str(number), text), entities, "test")


def flat(plan: list[list[Draw]]) -> list[Draw]:
    return [draw for batch in plan for draw in batch]


@pytest.mark.parametrize("grouped", [True, False])
def test_an_epoch_shows_every_row_once(grouped: bool) -> None:
    rows: list[Row] = [example(number, "字" * (number % 7 + 1), T.PERSON_NAME) for number in range(30)]
    batches = Batches(examples=4, step_examples=4, group_by_length=grouped)
    plan = make_plan(rows, Sampling(), batches, epochs=2, seed=1)
    assert [len(batch) for batch in plan[:8]] == [4] * 7 + [2]
    first, second = flat(plan[:8]), flat(plan[8:])
    for epoch in (first, second):
        assert sorted(draw.row for draw in epoch) == list(range(30))
    assert [draw.row for draw in first] != [draw.row for draw in second]


def test_the_plan_follows_from_the_seed() -> None:
    rows: list[Row] = [example(number, "字字", T.PERSON_NAME) for number in range(10)]
    assert make_plan(rows, Sampling(), PLAIN, 2, 1) == make_plan(rows, Sampling(), PLAIN, 2, 1)
    assert make_plan(rows, Sampling(), PLAIN, 2, 1) != make_plan(rows, Sampling(), PLAIN, 2, 2)


def test_grouping_puts_like_lengths_together() -> None:
    rows: list[Row] = [example(number, "字" * (1 + 50 * (number % 4))) for number in range(64)]
    sampling = Sampling(all_types=1)
    lengths = [
        {len(rows[draw.row].document.text) for draw in batch}  # type: ignore[union-attr]
        for batch in make_plan(rows, sampling, PLAIN, 1, 1)
    ]
    assert all(len(batch) == 1 for batch in lengths)
    assert lengths != sorted(lengths, key=min)


@given(any_examples(min_annotated=1), st.integers())
def test_requests_ask_about_annotated_types_only(row: Example, seed: int) -> None:
    types = request(row, Sampling(all_types=0), random.Random(seed))
    assert types and set(types) <= set(row.annotated) and len(set(types)) == len(types)
    assert request(row, Sampling(all_types=1), random.Random(seed)) == usual_types(row)


def test_requests_vary_in_types_and_order() -> None:
    row = example(0, "字字", T.PERSON_NAME, T.PHONE_NUMBER)
    drawn = [request(row, Sampling(all_types=0), random.Random(seed)) for seed in range(300)]
    assert len({len(types) for types in drawn}) > 4
    assert {
        types.index(T.PERSON_NAME) < types.index(T.PHONE_NUMBER)
        for types in drawn
        if set(types) >= {T.PERSON_NAME, T.PHONE_NUMBER}
    } == {True, False}
    assert set().union(*drawn) == set(ALL_TYPES)
    assert usual_types(row) == DEFAULT_TYPES


def test_empty_answers_are_held_to_their_share() -> None:
    rows: list[Row] = [example(number, "字") for number in range(60)]
    rows += [example(number, "字", T.PERSON_NAME) for number in range(60, 80)]
    draws = flat(make_plan(rows, Sampling(all_types=1, empty_answers=0.2), PLAIN, 1, 1))
    assert sum(draw.row < 60 for draw in draws) == 5
    assert sum(draw.row >= 60 for draw in draws) == 20


def test_rare_types_and_full_texts_are_shown_more_often() -> None:
    rows: list[Row] = [example(number, "字" * 9, T.PERSON_NAME) for number in range(90)]
    rows += [example(number, "字" * 9, T.PASSWORD) for number in range(90, 100)]
    rows += [example(100, "字" * 9, *[T.PERSON_NAME] * 8)]
    shown = Counter(draw.row for draw in flat(make_plan(rows, Sampling(type_power=0.5), PLAIN, 20, 1)))
    common = sum(shown[row] for row in range(90)) / 90
    rare = sum(shown[row] for row in range(90, 100)) / 10
    assert rare / common == pytest.approx((98 / 10) ** 0.5, rel=0.15)
    assert sum(shown.values()) == pytest.approx(20 * len(rows), rel=0.05)
    shown = Counter(draw.row for draw in flat(make_plan(rows, Sampling(entity_power=1), PLAIN, 20, 1)))
    assert shown[100] / (sum(shown[row] for row in range(90)) / 90) == pytest.approx(4.5, rel=0.2)


def test_general_dialogue_is_mixed_in_by_its_share() -> None:
    rows: list[Row] = [example(number, "字", T.PERSON_NAME) for number in range(80)]
    rows += [Turn(str(number), "你好", "好") for number in range(40)]
    assert not any(draw.row >= 80 for draw in flat(make_plan(rows, Sampling(), PLAIN, 1, 1)))
    draws = flat(make_plan(rows, Sampling(general=0.2), PLAIN, 1, 1))
    assert sum(draw.row >= 80 for draw in draws) == 20
    assert all(not draw.types for draw in draws if draw.row >= 80)
