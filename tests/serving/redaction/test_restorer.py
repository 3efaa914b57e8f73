"""However a text is cut, a stream restores it as a whole is restored."""

import random
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.taxonomy import EntityType as T
from serving.redaction import ReplacementMap, restore
from serving.redaction.labels import _LONGEST
from serving.redaction.restorer import Restorer

ENTRIES = [
    [T.PERSON_NAME, "林小满", "[PERSON_NAME_1]", 1],
    [T.PERSON_NAME, "小满", "[PERSON_NAME_1_2]", 1],
    [T.PERSON_NAME, "王芳", "[PERSON_NAME_12]", 12],
    [T.PHONE_NUMBER, "13800138000", "13912345678", 1],
    [T.PHONE_NUMBER, "13800138001", "1391234567", 2],
    [T.PERSON_NAME, "赵一", "张三丰", 3],
    [T.PERSON_NAME, "钱二", "张三", 4],
    [T.EMAIL, "a@b.cn", "zoe@example.com", 1],
    [T.ID_CARD_NUMBER, "11010519491231002X", "[ID_CARD_NUMBER_3f2a90c1b7d4]", 1],
    [T.ID_CARD_NUMBER, "11010519491231 002X", "[ID_CARD_NUMBER_3f2a90c1b7d4_9c1e]", 1],
    ["项目代号", "凤凰", "[项目代号_1]", 1],
    [T.PASSWORD, "739205", "636606", 1],
]
MAP = ReplacementMap.from_json(ENTRIES)
WRITTEN = ["PERSON_NAME_1", "<PERSON_NAME_1>", "<{PERSON_NAME_12}>", "{PERSON_NAME_1}", "【person name 1】"]
WRITTEN += [
    "[PERSON\\_NAME\\_1]",
    "\\[PERSON_NAME_1\\]",
    "［ＰＥＲＳＯＮ_NAME_１］",
    "[PERSON_NAME]",
    "[PERSON_NAME_99]",
]
WRITTEN += ["PERSON_NAME_1\\_2", "[Person-Name - 1 ]", "PERSON", "NAME", "[PERS", "3f2a90c1b7d4", "项目", "代号", "_1"]
PARTS = [entry[2] for entry in ENTRIES] + WRITTEN
PARTS += ["zoe", "@example", ".com", "3.", ".5", "63", *"[]\\_12<>{} \nx9张三丰说，a"]

texts = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def streamed(text: str, cuts: list[int]) -> tuple[str, int]:
    restorer = Restorer(MAP)
    parts = [restorer.feed(text[start:end]) for start, end in pairwise([0, *sorted(cuts), len(text)])]
    return "".join([*parts, restorer.close()]), restorer.unrestored


def whole(text: str) -> tuple[str, int]:
    restored = restore(text, MAP)
    return restored.text, restored.unrestored


@given(texts, st.randoms(use_true_random=False))
@settings(max_examples=1500, deadline=None)
@example("张三丰说张三", random.Random(0))
def test_any_cut_gives_what_the_whole_gives(text: str, chance: random.Random) -> None:
    cuts = [chance.randint(0, len(text)) for _ in range(chance.randint(0, 6))]
    assert streamed(text, cuts) == whole(text)


@given(texts)
@settings(max_examples=300, deadline=None)
def test_one_character_at_a_time(text: str) -> None:
    assert streamed(text, list(range(len(text)))) == whole(text)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry[2])
def test_every_cut_of_every_stand_in(entry: list[object]) -> None:
    text = f"请联系{entry[2]}，谢谢 {entry[2]} ok"
    for cut in range(len(text)):
        assert streamed(text, [cut]) == whole(text)
        assert str(entry[1]) in streamed(text, [cut])[0]


@given(texts)
@settings(max_examples=300, deadline=None)
def test_no_more_than_a_stand_in_is_held_back(text: str) -> None:
    restorer, given_back = Restorer(MAP), 0
    longest = max(map(len, T)) + _LONGEST
    for number in range(len(text)):
        _, decided = MAP.find_decided(text[: number + 1], 0, MAP.beginnings())
        assert number + 1 - decided <= 2 * longest
        given_back += len(restorer.feed(text[number]))


def test_plain_text_is_not_held_back() -> None:
    restorer = Restorer(MAP)
    for piece in ("你好，", "world and ", "[1] 见附录", "。", "x = a[i]; ", "<b>粗体</b> "):
        assert restorer.feed(piece) == piece
    assert restorer.close() == ""


def test_after_the_end_another_text_begins() -> None:
    restorer = Restorer(MAP)
    assert restorer.feed("x") + restorer.close() == "x"
    assert restorer.feed("PERSON_NAME_1 ") == "林小满 "


def test_stand_ins_that_overlap_in_a_chain_are_decided_together() -> None:
    """The last of three overlapping ones is open, and with it the two before."""
    others = [[T.USERNAME, "v1", "丁PERSON", 1], [T.USERNAME, "v2", "1戊己", 2]]
    replacement_map = ReplacementMap.from_json([*others, [T.PERSON_NAME, "v3", "[PERSON_NAME_1]", 1]])
    text = "说丁PERSON_NAME_1戊己庚"
    for cut in range(len(text)):
        restorer = Restorer(replacement_map)
        parts = [restorer.feed(text[:cut]), restorer.feed(text[cut:]), restorer.close()]
        assert "".join(parts) == restore(text, replacement_map).text
