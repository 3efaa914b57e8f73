from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType as T
from serving.redaction import ReplacementMap, Restored, make_operator, redact, restore
from serving.redaction.operators import Form, Hash, Mask, Operator, Surrogate
from tests.strategies import entities_in

TEXT = "张三的电话138-0013-8000，张三和李四在[PERSON_NAME_1]等。"
NAME, PHONE = T.PERSON_NAME, T.PHONE_NUMBER
FOUND = (Entity(0, 2, NAME), Entity(5, 18, PHONE), Entity(19, 21, NAME), Entity(22, 24, NAME))


def test_labels() -> None:
    redacted = redact(TEXT, FOUND, make_operator("label"))
    assert redacted.text == "[PERSON_NAME]的电话[PHONE_NUMBER]，[PERSON_NAME]和[PERSON_NAME]在[PERSON_NAME_1]等。"
    assert [redacted.text[part.start : part.end] for part in redacted.stand_ins] == [
        f"[{entity.type}]" for entity in FOUND
    ]
    assert "张三" not in repr(redacted)


@pytest.mark.parametrize(
    ("value", "keep", "masked"),
    [
        ("138-0013-8000", 4, "***-****-8000"),
        ("张三", 0, "**"),
        ("张三", 4, "*三"),
        ("a1", 9, "*1"),
        ("李", 3, "*"),
        ("-", 1, "*"),
    ],
)
def test_masks_keep_the_end_and_never_more_than_half(value: str, keep: int, masked: str) -> None:
    assert Mask(keep).stand_in(NAME, value, 0) == masked


def test_hashes_depend_on_key_type_and_value() -> None:
    redacted = {
        Hash(key).stand_in(kind, value, number)
        for key in (b"1", b"2")
        for kind in (NAME, T.USERNAME)
        for value in "ab"
        for number in (0, 7)
    }
    assert len(redacted) == 8


def test_pseudonyms_are_consistent_and_literal_ones_are_kept_apart() -> None:
    replacement_map = ReplacementMap()
    redacted = redact(TEXT, FOUND, make_operator("pseudonym"), replacement_map)
    assert (
        redacted.text == "[PERSON_NAME_1]的电话[PHONE_NUMBER_1]，[PERSON_NAME_1]和[PERSON_NAME_2]在[PERSON_NAME_3]等。"
    )
    assert restore(redacted.text, replacement_map).text == TEXT
    later = redact("李四、王五", (Entity(0, 2, NAME), Entity(3, 5, NAME)), make_operator("pseudonym"), replacement_map)
    assert later.text == "[PERSON_NAME_2]、[PERSON_NAME_4]"
    assert restore(f"{later.text}和[PERSON_NAME_9]", replacement_map) == Restored("李四、王五和[PERSON_NAME_9]", 1)


class Short:
    """Stand-ins of few letters, which occur in any text and run into one another."""

    unique, stable = True, False

    def stand_in(self, kind: T, value: str, number: int, tries: int = 0, *, by_surname: bool = False) -> str:
        number += tries
        return ("ab" * number)[number % 2 :][: number % 5] or "a"

    def form(self, kind: T, value: str, base: Form, tries: int = 0) -> str:
        return f"{base.stand_in}{'三' * ((base.forms + tries) % 3)}"


OPERATORS: list[Operator] = [
    make_operator("pseudonym"),
    make_operator("hash", key=b"key"),
    Surrogate(Random(0)),
    Short(),
]
LETTERS = st.text(st.sampled_from("ab[]_1PERSON_NAME张三"), max_size=30)
PIECES = st.lists(
    st.sampled_from(["[PERSON_NAME_1]", "[PERSON_NAME_2]", "a", "b", "张三", "_1]", "[PERSON_NAME"]), max_size=8
)


@given(st.data(), st.sampled_from(OPERATORS), st.lists(LETTERS | PIECES.map("".join), min_size=1, max_size=4))
def test_whatever_the_text_it_comes_back(data: st.DataObject, operator: Operator, texts: list[str]) -> None:
    replacement_map = ReplacementMap()
    for text in texts:
        found = data.draw(entities_in(text, (NAME, PHONE)))
        redacted = redact(text, found, operator, replacement_map)
        assert restore(redacted.text, ReplacementMap.from_json(replacement_map.to_json())).text == text
        hidden = "".join(text[entity.start : entity.end] for entity in found)
        assert sum(part.end - part.start for part in redacted.stand_ins) + len(text) - len(hidden) >= len(redacted.text)


def test_many_literal_stand_ins_take_no_long_time() -> None:
    text = "张三" + "[PERSON_NAME_1][PERSON_NAME_2]" * 5000
    replacement_map = ReplacementMap()
    redacted = redact(text, (Entity(0, 2, NAME),), make_operator("pseudonym"), replacement_map)
    assert restore(redacted.text, replacement_map).text == text and len(replacement_map.to_json()) <= 4


def test_nothing_found_changes_nothing() -> None:
    assert (
        redact(TEXT, (), make_operator("pseudonym"), ReplacementMap()).text
        == restore(TEXT, ReplacementMap()).text
        == TEXT
    )


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        (T.PASSWORD, "!@#$ %^&*", "**** ****"),
        (T.named("口令"), "a-b", "*-*"),
        (T.named("口令"), "!@#", "***"),
        (T.PERSON_NAME, "प्रिया", "******"),
        (T.USERNAME, "_--_a", "*****"),
        (T.EMAIL, "a.b@c.cn", "*.*@*.**"),
        (T.EMAIL, "ⓩⓗⓐⓝⓖ@c.cn", "*****@*.**"),
    ],
)
def test_masks_hide_signs_where_these_are_the_value(kind: T, value: str, masked: str) -> None:
    assert Mask().stand_in(kind, value, 0) == masked


def test_a_mask_shows_nothing_of_a_secret() -> None:
    assert Mask(4).stand_in(T.PASSWORD, "Qwer!2345", 0) == "*********"
    assert Mask(4).stand_in(T.PHONE_NUMBER, "13800138000", 0) == "*******8000"


def test_a_label_without_brackets_that_would_run_into_a_word_is_one_in_brackets() -> None:
    birth = Entity(3, 16, T.DATE_OF_BIRTH)
    redacted = redact("comPERSON_NAME_1", [birth], Surrogate(Random(1)), replacement_map=(known := ReplacementMap()))
    assert restore(redacted.text, known).text == "comPERSON_NAME_1"


def test_a_short_stand_in_is_no_part_of_a_longer_number() -> None:
    known = ReplacementMap.from_json([["EMPLOYEE_ID", "73915", "48267", 1]])
    for text in ("3.48267", "1,48267元", "48267.50元", "2024-48267-01"):
        assert restore(text, known).text == text
    assert restore("工号48267，完", known).text == "工号73915，完"


def test_round_numbers_have_labels_as_surrogates() -> None:
    for value in ("100000", "1000000000001", "10000"):
        redacted = redact(value, [Entity(0, len(value), T.EMPLOYEE_ID)], Surrogate(Random(2)))
        assert redacted.text == "[EMPLOYEE_ID_1]"


def test_labels_of_other_types_need_brackets_unless_they_are_capitals() -> None:
    kinds = {name: T.named(name) for name in ("x", "项目", "CASE")}
    known = ReplacementMap.from_json([[kind, f"值{name}", f"[{name}_1]", 1] for name, kind in kinds.items()])
    assert restore("let x_1 = 3，新项目_1，CASE_1，[x_1]", known).text == "let x_1 = 3，新项目_1，值CASE，值x"


def test_spellings_that_change_their_length_in_another_case() -> None:
    text = "ß12345678，ＳＳ１２３４５６７８"
    entities = [Entity(0, 9, T.BANK_ACCOUNT_NUMBER), Entity(10, 20, T.BANK_ACCOUNT_NUMBER)]
    known = ReplacementMap()
    assert restore(redact(text, entities, Surrogate(Random(3)), replacement_map=known).text, known).text == text
