"""Mentions that mean the same have stand-ins that fit, with every operator that has a way back."""

import re
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from serving.redaction import (
    OperatorName,
    RedactionSession,
    ReplacementMap,
    TokenCipher,
    make_operator,
    read_token,
    redact,
    restore,
)
from serving.redaction.operators import Operator, Surrogate

NAMES = (
    "林小满",
    "小满",
    "林",
    "老林",
    "林立",
    "周小满",
    "令狐清",
    "令狐",
    "Priya Nair",
    "Nair",
    "P. Nair",
    "NAIR, Priya",
    "Arun Nair",
)
OTHERS = {
    T.PHONE_NUMBER: ("139-0571-2468", "+86 139 0571 2468", "１３９０５７１２４６８", "13905712468"),
    T.ID_CARD_NUMBER: ("33010619900307451X", "33010619900307451x"),
    T.EMAIL: ("Lin@Example.com", "lin@example.com"),
    T.AGE: ("7岁",),
    T.GENDER: ("女",),
    T.DATE_OF_BIRTH: ("3月7日", "1990年3月7日", "1990-03-07"),
}
FILLERS = (
    "和",
    "，",
    "先生",
    " said ",
    "x",
    "7",
    "[",
    "]",
    "\\",
    "【person name 1】",
    "PERSON_NAME_2",
    "[PERSON\\_NAME\\_1_2]",
    "澹台",
    "婷",
    "bel",
)
Piece = tuple[str, T | None]


def mentions(text: str, kind: T, values: Sequence[str]) -> list[Entity]:
    """The values in the text, the longest first."""
    pattern = "|".join(map(re.escape, sorted(values, key=len, reverse=True)))
    return [Entity(match.start(), match.end(), kind) for match in re.finditer(pattern, text)]


def redacted(text: str, *values: str, kind: T = T.PERSON_NAME, operator: OperatorName = "pseudonym") -> str:
    return RedactionSession(operator, hash_key=b"key").redact(text, mentions(text, kind, values)).text


def test_the_parts_of_a_name_are_one_person() -> None:
    text = "小满来电。林小满说，林女士和老林都同意，周立不同意。"
    assert redacted(text, "林小满", "小满", "林", "老林", "周立") == (
        "[PERSON_NAME_1_2]来电。[PERSON_NAME_1]说，[PERSON_NAME_1_3]女士和[PERSON_NAME_1_4]都同意，[PERSON_NAME_2]不同意。"
    )


def test_two_people_of_one_surname_or_given_name_stay_apart() -> None:
    assert (
        redacted("林立、林清到，林先生不在", "林立", "林清", "林")
        == "[PERSON_NAME_1]、[PERSON_NAME_2]到，[PERSON_NAME_3]先生不在"
    )
    assert (
        redacted("林小满和周小满，小满", "林小满", "周小满", "小满")
        == "[PERSON_NAME_1]和[PERSON_NAME_2]，[PERSON_NAME_3]"
    )


def test_the_spellings_of_a_number_are_one_number() -> None:
    text = "、".join(OTHERS[T.PHONE_NUMBER])
    found = redacted(text, *OTHERS[T.PHONE_NUMBER], kind=T.PHONE_NUMBER)
    assert found == "[PHONE_NUMBER_1]、[PHONE_NUMBER_1_2]、[PHONE_NUMBER_1_3]、[PHONE_NUMBER_1_4]"


@pytest.mark.parametrize("seed", range(5))
def test_surrogates_of_parts_and_spellings_fit(seed: int) -> None:
    operator = Surrogate(Random(seed))

    def surrogates(text: str, kind: T, values: Sequence[str]) -> list[str]:
        found = redact(text, mentions(text, kind, values), operator, ReplacementMap())
        return [found.text[part.start : part.end] for part in found.stand_ins]

    given_name, whole, surname, nickname = surrogates("小满、林小满、林先生、老林", T.PERSON_NAME, NAMES)
    assert whole == surname + given_name and nickname == f"老{surname}" and len(surname) == len(given_name) == 2
    latin, last, initial, turned = surrogates("Priya Nair; Nair; P. Nair; NAIR, Priya", T.PERSON_NAME, NAMES)
    first_word, last_word = latin.split()
    assert [last, initial, turned] == [last_word, f"{first_word[0]}. {last_word}", f"{last_word.upper()}, {first_word}"]
    numbers = surrogates("、".join(OTHERS[T.PHONE_NUMBER]), T.PHONE_NUMBER, OTHERS[T.PHONE_NUMBER])
    assert len({re.sub(r"\D", "", number)[-11:] for number in map(to_ascii, numbers)}) == 1
    upper, lower = surrogates("、".join(OTHERS[T.ID_CARD_NUMBER]), T.ID_CARD_NUMBER, OTHERS[T.ID_CARD_NUMBER])
    assert upper != lower == upper.lower()


def to_ascii(text: str) -> str:
    return text.translate({code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)})


def test_hashes_of_one_value_begin_alike_and_are_equal_where_nothing_is_restored() -> None:
    text, values = "、".join(OTHERS[T.PHONE_NUMBER]), OTHERS[T.PHONE_NUMBER]
    found = mentions(text, T.PHONE_NUMBER, values)
    session = RedactionSession("hash", hash_key=b"key")
    hashes = session.redact(text, found).text
    assert session.restore(hashes).text == text and len(set(hashes.split("、"))) == 4
    assert len({hashed[: len("[PHONE_NUMBER_") + 12] for hashed in hashes.split("、")}) == 1
    one_way = RedactionSession("hash", hash_key=b"key", one_way=True)
    assert len(set(one_way.redact(text, found).text.split("、"))) == 1
    people = "林小满、小满、林"
    assert len(set(one_way.redact(people, mentions(people, T.PERSON_NAME, NAMES)).text.split("、"))) == 1
    assert one_way.redact("林", [Entity(0, 1, T.PERSON_NAME)]).text not in hashes


def test_hashes_do_not_depend_on_other_texts() -> None:
    texts = ["林先生", "林小满和林先生", "林先生"]
    sessions = [RedactionSession("hash", hash_key=b"key", one_way=one_way) for one_way in (True, False)]
    for session in sessions:
        first, _, last = (session.redact(text, mentions(text, T.PERSON_NAME, NAMES)).text for text in texts)
        assert (
            first
            == last
            == RedactionSession("hash", hash_key=b"key").redact("林先生", [Entity(0, 1, T.PERSON_NAME)]).text
        )


def test_mentions_are_linked_across_the_texts_of_a_session() -> None:
    texts = ["小满，您好", "我是林小满", "林女士，再见"]
    predictions = [
        Prediction(text, tuple(Detection(entity, 1.0, "model") for entity in mentions(text, T.PERSON_NAME, NAMES)))
        for text in texts
    ]
    together = [found.text for found in RedactionSession().redact_all(predictions)]
    assert together == ["[PERSON_NAME_1_2]，您好", "我是[PERSON_NAME_1]", "[PERSON_NAME_1_3]女士，再见"]
    session = RedactionSession()
    one_by_one = [found.text for prediction in predictions for found in session.redact_all([prediction])]
    assert one_by_one == ["[PERSON_NAME_1]，您好", "我是[PERSON_NAME_1_2]", "[PERSON_NAME_1_3]女士，再见"]
    assert [session.restore(text).text for text in one_by_one] == texts


def pieces() -> st.SearchStrategy[list[Piece]]:
    names = st.tuples(st.sampled_from(NAMES), st.just(T.PERSON_NAME))
    others = st.sampled_from([(value, kind) for kind, values in OTHERS.items() for value in values])
    return st.lists(names | others | st.tuples(st.sampled_from(FILLERS + NAMES), st.none()), max_size=12)


@given(
    st.sampled_from(["pseudonym", "hash", "surrogate"]),
    st.lists(pieces(), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_whatever_is_linked_every_text_comes_back(name: OperatorName, texts: list[list[Piece]], random: Random) -> None:
    operator: Operator = Surrogate(random) if name == "surrogate" else make_operator(name, key=b"key")
    replacement_map = ReplacementMap()
    for parts in texts:
        text, entities = "", []
        for value, kind in parts:
            entities += [Entity(len(text), len(text) + len(value), kind)] if kind else []
            text += value
        found = redact(text, entities, operator, replacement_map)
        replacement_map = ReplacementMap.from_json(replacement_map.to_json())
        assert restore(found.text, replacement_map).text == text
        assert all(part.end - part.start > 1 for part in found.stand_ins)


def test_an_answer_is_restored_whatever_a_model_made_of_its_stand_ins() -> None:
    cipher = TokenCipher([TokenCipher.new_key()])
    session = RedactionSession(cipher=cipher, reversible=True)
    text = "林小满、小满，13905712468"
    session.redact(
        text, [*mentions(text, T.PERSON_NAME, NAMES), *mentions(text, T.PHONE_NUMBER, OTHERS[T.PHONE_NUMBER])]
    )
    answer = (
        "【person_name_1】好，PERSON\\_NAME\\_1\\_2您好，[phone number 1]；PERSON_NAME_1_9。"
        "[PERSON_NAME_7]、[EMAIL]、person_name_1"
    )
    restored = restore(answer, read_token(cipher, session.token()))
    assert restored.text == "林小满好，小满您好，13905712468；林小满。[PERSON_NAME_7]、[EMAIL]、person_name_1"
    assert restored.unrestored == 2 and "林小满" not in repr(restored)


@pytest.mark.parametrize(
    ("value", "kind"), [("Priya", T.PERSON_NAME), ("13905712468", T.PHONE_NUMBER), ("lin_xm", T.USERNAME)]
)
def test_a_stand_in_within_a_longer_word_or_number_is_none(value: str, kind: T) -> None:
    session = RedactionSession("surrogate")
    made_up = session.redact(value, [Entity(0, len(value), kind)]).text
    for answer in (f"{made_up}a", f"a{made_up}", f"9{made_up}", f"{made_up}9"):
        assert session.restore(answer).text == answer
    assert session.restore(f"见{made_up}。").text == f"见{value}。"


@pytest.mark.parametrize(
    ("value", "kind"), [("7岁", T.AGE), ("女", T.GENDER), ("ab", T.USERNAME), ("1990", T.PASSWORD)]
)
def test_what_would_have_too_short_a_surrogate_gets_a_label(value: str, kind: T) -> None:
    assert RedactionSession("surrogate").redact(value, [Entity(0, len(value), kind)]).text == f"[{kind}_1]"


def test_a_surrogate_that_would_run_into_a_word_is_put_in_brackets() -> None:
    session = RedactionSession("surrogate")
    text = "tel13905712468ok，13905712468"
    found = session.redact(text, mentions(text, T.PHONE_NUMBER, ["13905712468"])).text
    assert re.fullmatch(r"tel\[PHONE_NUMBER_1_2\]ok，139\d{8}", found) and session.restore(found).text == text
