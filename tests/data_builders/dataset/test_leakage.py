"""What must not stand in two splits."""

from dataclasses import replace

import pytest

from data_builders.dataset.leakage import LeakageGuard
from data_builders.splits import Split
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T

TEXT = "联系人王小明，电话13800138000。"
ENTITIES = (Entity(3, 6, T.PERSON_NAME), Entity(9, 20, T.PHONE_NUMBER))


def example(text: str = TEXT, entities: tuple[Entity, ...] = ENTITIES, source: str = "synthetic") -> Example:
    return Example(Document(text[:5], text), entities, source)


def renamed(text: str, start: int, end: int, kind: T, **change: object) -> Example:
    return replace(example(text, (Entity(start, end, kind),)), **change)  # type: ignore[arg-type]


def test_what_another_split_has_is_a_conflict() -> None:
    guard = LeakageGuard(0.9)
    guard.admit(replace(example(), slices={"template": "chat-1+chat-2"}), Split.TEST, "test:1")
    again = example("  " + TEXT, ())
    other = renamed("请打给我：138-0013-8000 谢谢啦", 5, 18, T.PHONE_NUMBER)
    same_template = replace(example("另外一句话，没有别的", ()), slices={"template": "chat-2"})
    for row, reason in (
        (again, "duplicate"),
        (other, "personal value of another split"),
        (same_template, "template of another split"),
        (Example(Document(TEXT[:5], "别的文字"), (), "x"), "repeated id"),
    ):
        assert guard.conflicts(row, Split.TRAIN) == [(reason, "test:1")]
    assert guard.conflicts(other, Split.TEST) == []


def test_all_conflicts_are_told_also_after_a_refused_row() -> None:
    guard = LeakageGuard(0.9)
    guard.admit(example(), Split.TEST, "test:1")
    guard.admit(example(), Split.TRAIN, "train:1")
    reasons = [conflict.reason for conflict in guard.conflicts(example(), Split.VALIDATION)]
    assert reasons == ["repeated id", "personal value of another split", "duplicate"]


@pytest.mark.parametrize(("name", "counts"), [("王芳", True), ("小王", False), ("欧阳", False), ("王", False)])
def test_names_of_two_characters_count_unless_they_are_common(name: str, counts: bool) -> None:
    guard = LeakageGuard(0.9)
    guard.admit(renamed(f"{name}今天到不了公司", 0, len(name), T.PERSON_NAME), Split.TEST, "a")
    conflicts = guard.conflicts(renamed(f"是{name}打来的电话吗", 1, 1 + len(name), T.PERSON_NAME), Split.TRAIN)
    assert [conflict.reason for conflict in conflicts] == ["personal value of another split"] * counts


def test_what_identifies_nobody_may_repeat() -> None:
    guard = LeakageGuard(0.9)
    rows = [
        renamed("他是1990年3月7日生的", 2, 11, T.DATE_OF_BIRTH),
        renamed("王小明在会上发言了", 0, 3, T.PERSON_NAME, source="msra"),
    ]
    for row in rows:
        guard.admit(row, Split.TEST, row.document.id)
        text = row.document.text + "，大家都这么说来着"
        assert guard.conflicts(replace(row, document=Document(text, text)), Split.TRAIN) == []
