"""Sampling, cleaning, near-duplicates and the separation of splits."""

import random
from dataclasses import replace

import pytest

from data_builders.dataset.clean import alpaca_fault, estimate_tokens, fault, long_fault
from data_builders.dataset.leakage import LeakageGuard
from data_builders.dataset.near_duplicates import NearDuplicates
from data_builders.dataset.slices import KEYS, slices
from data_builders.sources.draw import draw
from data_builders.splits import Split
from schemas.llm.alpaca import to_alpaca
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T

TEXT = "联系人王小明，电话13800138000。"
ENTITIES = (Entity(3, 6, T.PERSON_NAME), Entity(9, 20, T.PHONE_NUMBER))


def example(text: str = TEXT, entities: tuple[Entity, ...] = ENTITIES, source: str = "synthetic") -> Example:
    return Example(Document(text[:5], text), entities, source)


def numbered(count: int) -> list[Example]:
    return [Example(Document(f"row-{number}", "x"), (), "test") for number in range(count)]


def test_a_draw_depends_on_the_rows_and_the_seed_alone() -> None:
    rows = numbered(500)
    drawn = draw(rows, 50, seed=1)
    shuffled = random.Random(2).sample(rows, len(rows))
    assert len({row.document.id for row in drawn}) == 50
    assert draw(iter(shuffled), 50, seed=1) == drawn
    assert draw(rows, 50, seed=2) != drawn
    assert draw(rows, 20, seed=1) == drawn[:20]
    assert len(draw(rows, 1000, seed=1)) == 500
    assert draw(rows, 0, seed=1) == []


def test_a_clean_row_passes() -> None:
    assert fault(example()) is None
    assert alpaca_fault(example(), to_alpaca(example())) is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (example(" \n", ()), "empty text"),
        (example("<p>你好</p>", (), "ai4privacy"), "HTML debris"),
        (example("你好&nbsp;", (), "msra"), "HTML debris"),
        (example("我是 王小明", (Entity(2, 6, T.PERSON_NAME),)), "white space"),
    ],
)
def test_faults_of_a_row(row: Example, message: str) -> None:
    assert message in str(fault(row))


def test_synthetic_markup_and_comparisons_are_no_debris() -> None:
    assert fault(example("<td>你好</td>", ())) is None
    assert fault(example("3 < 5 且 a<b，x>y", (), "ai4privacy")) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input": "别的"}, "input differs"),
        ({"output": ""}, "not valid JSON"),
        ({"output": '{"entities":[]}'}, "output differs"),
        ({"instruction": "找出实体"}, "other types"),
    ],
)
def test_faults_of_the_alpaca_form(change: dict[str, str], message: str) -> None:
    assert message in str(alpaca_fault(example(), to_alpaca(example()) | change))


def test_long_rows_are_faults() -> None:
    assert long_fault(example(), 2048) is None
    assert long_fault(example("好" * 3000, ()), 2048) == "more than 2048 tokens"
    assert estimate_tokens("你好，world 12") == 2 + 1 + 2 + 1 + 2


def brute_force(left: str, right: str) -> float:
    """The Jaccard similarity of the 5-character shingles, by definition."""
    first, second = ({text[i : i + 5] for i in range(len(text) - 4)} for text in (left, right))
    return len(first & second) / len(first | second)


@pytest.mark.parametrize("similarity", [0.85, 0.9, 1.0])
def test_near_duplicates_are_those_that_counting_finds(similarity: float) -> None:
    rng = random.Random(4)
    index, missed, found = NearDuplicates(similarity), 0, 0
    for number in range(150):
        text = "".join(rng.choices("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳", k=120))
        changed = list(text)
        for place in rng.sample(range(120), rng.randrange(4)):
            changed[place] = "变"
        index.add(str(number), text)
        resembles = brute_force(text, "".join(changed)) >= similarity
        answer = index.find("".join(changed))
        assert answer in (None, str(number))
        assert resembles or answer is None
        found += resembles
        missed += resembles and answer is None
    assert found > 30
    assert missed <= 0.02 * found


def test_case_width_and_spaces_make_no_difference() -> None:
    index = NearDuplicates(1.0)
    index.add("a", "Please call ＡＢＣ on Monday")
    assert index.find("please  CALL abc on\nmonday ") == "a"
    assert index.find("please call abd on monday") is None


def renamed(text: str, start: int, end: int, kind: T, **change: object) -> Example:
    return replace(example(text, (Entity(start, end, kind),)), **change)  # type: ignore[arg-type]


def test_what_another_split_has_is_a_conflict() -> None:
    separator = LeakageGuard(0.9)
    separator.admit(replace(example(), slices={"template": "chat-1+chat-2"}), Split.TEST, "test:1")
    again = example("  " + TEXT, ())
    other = renamed("请打给我：138-0013-8000 谢谢啦", 5, 18, T.PHONE_NUMBER)
    same_template = replace(example("另外一句话，没有别的", ()), slices={"template": "chat-2"})
    for row, reason in (
        (again, "duplicate"),
        (other, "personal value of another split"),
        (same_template, "template of another split"),
        (Example(Document(TEXT[:5], "别的文字"), (), "x"), "repeated id"),
    ):
        assert separator.conflicts(row, Split.TRAIN) == [(reason, "test:1")]
    assert separator.conflicts(other, Split.TEST) == []


def test_all_conflicts_are_told_also_after_a_refused_row() -> None:
    separator = LeakageGuard(0.9)
    separator.admit(example(), Split.TEST, "test:1")
    separator.admit(example(), Split.TRAIN, "train:1")
    reasons = [conflict.reason for conflict in separator.conflicts(example(), Split.VALIDATION)]
    assert reasons == ["repeated id", "personal value of another split", "duplicate"]


@pytest.mark.parametrize(("name", "counts"), [("王芳", True), ("小王", False), ("欧阳", False), ("王", False)])
def test_names_of_two_characters_count_unless_they_are_common(name: str, counts: bool) -> None:
    separator = LeakageGuard(0.9)
    separator.admit(renamed(f"{name}今天到不了公司", 0, len(name), T.PERSON_NAME), Split.TEST, "a")
    conflicts = separator.conflicts(renamed(f"是{name}打来的电话吗", 1, 1 + len(name), T.PERSON_NAME), Split.TRAIN)
    assert [conflict.reason for conflict in conflicts] == ["personal value of another split"] * counts


def test_what_identifies_nobody_may_repeat() -> None:
    separator = LeakageGuard(0.9)
    rows = [
        renamed("他是1990年3月7日生的", 2, 11, T.DATE_OF_BIRTH),
        renamed("王小明在会上发言了", 0, 3, T.PERSON_NAME, source="msra"),
    ]
    for row in rows:
        separator.admit(row, Split.TEST, row.document.id)
        text = row.document.text + "，大家都这么说来着"
        assert separator.conflicts(replace(row, document=Document(text, text)), Split.TRAIN) == []


def test_slices_name_length_and_cue() -> None:
    found = slices(replace(example(), slices={"template": "chat-1", "noise": "typo"}))
    assert found == {"length": "21-50", "cue": "all", "noise": "typo", "template": "chat-1"}
    assert tuple(found) == KEYS
    assert slices(example("王小明", (Entity(0, 3, T.PERSON_NAME),)))["cue"] == "none"
    assert slices(example("你好", ()))["cue"] == "no value"
    assert slices(example("字" * 501, ()))["length"] == "over 500"
