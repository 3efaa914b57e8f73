"""Replaced values: what stays, what follows what, and which form the others have."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_builders.dataset.mention_replacement import replace_mentions
from data_builders.splits import Split
from data_builders.synth.names.chinese import COMPOUND_SURNAMES, ONE_CHARACTER_SURNAMES
from data_builders.synth.sampling import Partition
from schemas.formats.format import HAN
from schemas.formats.registry import validate
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T
from tests import strategies


def values(example: Example) -> list[tuple[T, str]]:
    return [(entity.type, example.document.text[entity.start : entity.end]) for entity in example.entities]


def gaps(example: Example) -> list[str]:
    text, ends = example.document.text, [0, *(entity.end for entity in example.entities)]
    starts = [*(entity.start for entity in example.entities), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def marked(name: str, *parts: tuple[T | None, str]) -> Example:
    text, entities = "", []
    for kind, value in parts:
        if kind:
            entities.append(Entity(len(text), len(text) + len(value), kind))
        text += value
    return Example(Document(name, text), tuple(entities), "written")


def test_made_names_are_none_of_the_synthetic_test() -> None:
    example = marked("1", (None, "找"), (T.PERSON_NAME, "欧阳娜娜"), (None, "和"), (T.PERSON_NAME, "王小明"))
    made = {name for seed in range(300) for one in replace_mentions([example], 1.0, seed) for _, name in values(one)}
    admits = Partition(Split.TRAIN).admits
    assert len(made) > 300
    assert all(admits(name) for name in made - {"欧阳娜娜", "王小明"})


@given(st.lists(strategies.examples(), max_size=5), st.integers(0, 9))
def test_only_values_change_and_types_stay(examples: list[Example], seed: int) -> None:
    changed = list(replace_mentions(examples, 1.0, seed))
    for before, after in zip(examples, changed, strict=True):
        assert gaps(before) == gaps(after)
        assert [kind for kind, _ in values(before)] == [kind for kind, _ in values(after)]
        assert (after.annotated, after.source, after.family) == (before.annotated, before.source, before.family)
    unchanged = list(replace_mentions(examples, 0.0, seed))
    assert [(x.document.text, x.entities) for x in unchanged] == [(x.document.text, x.entities) for x in examples]


def test_a_share_of_the_persons_is_replaced_and_the_same_seed_gives_the_same() -> None:
    examples = [marked(str(n), (T.PERSON_NAME, "张三"), (None, "和"), (T.PERSON_NAME, "张三")) for n in range(400)]
    changed = list(replace_mentions(examples, 0.5, 1))
    names = [[value for _, value in values(example)] for example in changed]
    assert all(first == second and len(first) == 2 for first, second in names)
    assert 60 <= sum(first != "张三" for first, _ in names) <= 140  # half of the half is the corpus's only other name
    assert changed == list(replace_mentions(examples, 0.5, 1))


def test_parts_of_a_name_follow_the_whole_name() -> None:
    parts = (
        (T.PERSON_NAME, "裴文渊"),
        (None, "，"),
        (T.PERSON_NAME, "文渊"),
        (None, "，"),
        (T.PERSON_NAME, "裴"),
        (None, "总"),
    )
    latin = ((T.PERSON_NAME, "John Smith"), (None, " and "), (T.PERSON_NAME, "John"))
    pool = [marked("a", *parts), marked("b", *latin), marked("c", (T.PERSON_NAME, "Mary Jones"))]
    for seed in range(20):
        (_, full), (_, given_name), (_, surname) = values(next(replace_mentions(pool, 1.0, seed)))
        assert full == surname + given_name
        (_, full), (_, first) = values(list(replace_mentions(pool, 1.0, seed))[1])
        assert first == full.split()[0]


@pytest.mark.parametrize(
    ("kind", "value"),
    [(T.ID_CARD_NUMBER, "11010519491231002X"), (T.PHONE_NUMBER, "138-0013-8000"), (T.IP_ADDRESS, "10.0.0.7")],
)
def test_numbers_keep_their_form_and_their_check(kind: T, value: str) -> None:
    changed = {values(next(replace_mentions([marked("a", (kind, value))], 1.0, seed)))[0][1] for seed in range(20)}
    assert len(changed) > 5
    assert all(validate(kind, other) is not False for other in changed)


def test_values_of_another_script_or_with_other_marks_do_not_come_in() -> None:
    pool = [marked("a", (T.PASSWORD, "abc 1")), marked("b", (T.PASSWORD, "密码二")), marked("c", (T.PASSWORD, "x1y2"))]
    for seed in range(10):
        changed = list(replace_mentions(pool, 1.0, seed))
        assert [" " in value or not value.isascii() for [(_, value)] in map(values, changed)] == [True, True, False]


def test_made_names_are_none_of_a_synthetic_test() -> None:
    examples = [marked(str(number), (T.PERSON_NAME, "张三丰")) for number in range(400)]
    made = {value for example in replace_mentions(examples, 1.0, 3) for _, value in values(example)} - {"张三丰"}
    assert len(made) > 100
    assert all(Partition(Split.TRAIN).admits(name) for name in made)


@pytest.mark.parametrize(
    "value", ["阿卜杜热合曼", "巴特巴雅尔", "Přemysl", "박찬호", "慕　容　兰", "艾力·买买提", "Jean-Luc Picard"]
)
def test_a_name_of_another_people_stays_as_long_and_in_its_script(value: str) -> None:
    others = ["晁", "张三", "努尔加玛力", "Ferdinand", "김도윤", "欧　阳　娜", "古丽·马木提", "Anne-Marie Duval"]
    pool = [marked("a", (T.PERSON_NAME, value)), *(marked(str(n), (T.PERSON_NAME, o)) for n, o in enumerate(others))]
    for seed in range(30):
        ((_, changed),) = values(next(replace_mentions(pool, 1.0, seed)))
        assert len(changed) > 2 and changed not in ("晁", "张三")
        assert bool(HAN.search(changed)) == bool(HAN.search(value))
        assert [mark in changed for mark in "· -"] == [mark in value for mark in "· -"]


def test_a_surname_becomes_a_surname() -> None:
    texts = [("张", "总"), ("令狐", "先生"), ("小王", ""), ("J", "大爷")]
    for seed in range(60):
        pool = [marked(name, (T.PERSON_NAME, name), (None, title)) for name, title in texts]
        one, two, called, letter = (values(changed)[0][1] for changed in replace_mentions(pool, 1.0, seed))
        assert one in ONE_CHARACTER_SURNAMES and two in COMPOUND_SURNAMES
        assert called[0] == "小" and called[1] in ONE_CHARACTER_SURNAMES and letter.isascii() and letter.isupper()


@pytest.mark.parametrize(
    ("whole", "part"), [("Anna Schmidt", "ANNA"), ("凡妮莎·冯·黑石", "凡妮莎"), ("John Smith", "Smith")]
)
def test_parts_of_any_name_follow_it(whole: str, part: str) -> None:
    pool = [marked("a", (T.PERSON_NAME, whole), (None, "，"), (T.PERSON_NAME, part))]
    pool += [marked(str(n), (T.PERSON_NAME, o)) for n, o in enumerate(["Mary Jones", "裴多菲·山·多尔", "Liu Wei"])]
    for seed in range(20):
        (_, full), (_, called) = values(next(replace_mentions(pool, 1.0, seed)))
        assert called.casefold() in re.split("[ ·]", full.casefold())
