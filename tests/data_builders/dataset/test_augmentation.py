import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_builders.dataset.concatenation import concatenate_neighbours
from data_builders.dataset.mention_replacement import replace_mentions
from schemas.errors import DataError
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T
from tests import strategies


def values(example: Example) -> list[tuple[T, str]]:
    return [(entity.type, example.document.text[entity.start : entity.end]) for entity in example.entities]


def gaps(example: Example) -> list[str]:
    text, ends = example.document.text, [0, *(entity.end for entity in example.entities)]
    starts = [*(entity.start for entity in example.entities), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


@given(st.lists(strategies.examples(), max_size=5), st.integers(0, 9))
def test_only_values_change_and_types_stay(examples: list[Example], seed: int) -> None:
    changed = list(replace_mentions(examples, {}, 1.0, seed))
    known = {value for example in examples for value in values(example)}
    for before, after in zip(examples, changed, strict=True):
        assert gaps(before) == gaps(after)
        assert [kind for kind, _ in values(before)] == [kind for kind, _ in values(after)]
        assert set(values(after)) <= known
        assert (after.annotated, after.source, after.family) == (before.annotated, before.source, before.family)
    assert list(replace_mentions(examples, {}, 0.0, seed)) == [
        Example(Document(after.document.id, before.document.text), *_rest(before))
        for before, after in zip(examples, changed, strict=True)
    ]


def _rest(example: Example) -> tuple[object, ...]:
    return example.entities, example.source, example.family, example.annotated, example.slices


def test_a_share_is_replaced_and_equal_values_stay_equal() -> None:
    entities = (Entity(0, 2, T.PERSON_NAME), Entity(3, 5, T.PERSON_NAME), Entity(6, 8, T.LOCATION))
    examples = [Example(Document(str(number), "张三和张三在北京"), entities, "msra") for number in range(400)]

    def make(rng: random.Random) -> str:
        return f"王{rng.randrange(10**6)}"

    changed = list(replace_mentions(examples, {T.PERSON_NAME: make}, 0.5, 1))
    names = [[value for kind, value in values(example) if kind is T.PERSON_NAME] for example in changed]
    assert all(first == second for first, second in names)
    made = sum(first.startswith("王") for first, _ in names)
    assert 60 <= made <= 140  # half of the half that is replaced; the others are drawn from the corpus
    assert changed == list(replace_mentions(examples, {T.PERSON_NAME: make}, 0.5, 1))


def numbered(count: int) -> list[Example]:
    entity = Entity(0, 2, T.PERSON_NAME)
    return [Example(Document(str(n), f"张三第{n}句"), (entity,), "synthetic") for n in range(count)]


def test_joining_loses_nothing_and_keeps_order() -> None:
    examples = numbered(500)
    joined = list(concatenate_neighbours(examples, "\n", seed=1))
    assert len(joined) < len(examples)
    assert "\n".join(x.document.text for x in joined) == "\n".join(x.document.text for x in examples)
    values = [x.document.text[e.start : e.end] for x in joined for e in x.entities]
    assert values == ["张三"] * 500


def test_same_seed_joins_alike() -> None:
    runs = [[x.document.text for x in concatenate_neighbours(numbered(50), "", seed=3)] for _ in range(2)]
    assert runs[0] == runs[1]


def test_neighbours_of_different_annotation_are_refused() -> None:
    partly = [Example(x.document, x.entities, x.source, annotated=(T.PERSON_NAME,)) for x in numbered(50)]
    mixed = [pair[index % 2] for index, pair in enumerate(zip(numbered(50), partly, strict=True))]
    with pytest.raises(DataError, match="different types"):
        list(concatenate_neighbours(mixed, "", seed=1))
