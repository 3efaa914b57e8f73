"""A session: one operator, one replacement map for many texts, and a token for the way back."""

import pytest

from schemas.per_type import PerType
from schemas.spans.entity import Entity
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType
from serving.engines.rules.engine import RulesEngine
from serving.redaction import (
    IrreversibleError,
    MissingKeyError,
    Operator,
    OperatorName,
    RedactionSession,
    ReplacementMap,
    TokenCipher,
    TokenError,
    read_token,
    redact,
    restore,
)
from serving.redaction.operators import Mask, Pseudonym, UnusedKeepError

TEXTS = ["打13800138000", "打13900139000", "再打13800138000"]


@pytest.fixture(scope="module")
def predictions() -> list[Prediction]:
    return RulesEngine().detect(TEXTS)


@pytest.fixture
def cipher() -> TokenCipher:
    return TokenCipher([TokenCipher.new_key()])


def test_equal_values_get_equal_stand_ins_in_all_texts(predictions: list[Prediction]) -> None:
    session = RedactionSession()
    texts = [redacted.text for redacted in session.redact_all(predictions)]
    assert texts == ["打[PHONE_NUMBER_1]", "打[PHONE_NUMBER_2]", "再打[PHONE_NUMBER_1]"]
    assert [session.restore(text).text for text in texts] == TEXTS


def test_a_token_resumes_a_session_and_restores_its_texts(predictions: list[Prediction], cipher: TokenCipher) -> None:
    session = RedactionSession(cipher=cipher, reversible=True)
    first = session.redact_all(predictions[:2])
    later = RedactionSession(cipher=cipher, reversible=True)
    later.resume(session.token())
    (last,) = later.redact_all(predictions[2:])
    assert last.text == "再打[PHONE_NUMBER_1]"
    replacement_map = read_token(cipher, later.token())
    assert [restore(redacted.text, replacement_map).text for redacted in (*first, last)] == TEXTS
    assert "13800138000" not in repr(session)


def test_an_operator_that_is_not_unique_redacts_without_a_way_back(predictions: list[Prediction]) -> None:
    session = RedactionSession("mask", keep=4)
    assert session.redact_all(predictions)[0].text == "打*******8000"
    with pytest.raises(IrreversibleError, match="mask cannot be undone"):
        session.restore("")
    with pytest.raises(IrreversibleError, match="label cannot be undone"):
        RedactionSession("label", reversible=True)
    with pytest.raises(UnusedKeepError, match="no style here is mask"):
        RedactionSession("label", keep=4)


def test_operators_may_differ_by_type(cipher: TokenCipher) -> None:
    own = EntityType.named("员工号")
    operators: PerType[OperatorName] = PerType("pseudonym", {EntityType.PHONE_NUMBER: "mask", own: "label"})
    session = RedactionSession(operators, keep=4, cipher=cipher, reversible=True)
    text = "K77打13800138000，写信给li@example.com"
    entities = [Entity(0, 3, own), Entity(4, 15, EntityType.PHONE_NUMBER), Entity(19, 33, EntityType.EMAIL)]
    redacted = session.redact(text, entities).text
    assert redacted == "[员工号]打*******8000，写信给[EMAIL_1]"
    restored = "[员工号]打*******8000，写信给li@example.com"
    assert session.restore(redacted).text == restored
    assert restore(redacted, read_token(cipher, session.token())).text == restored
    only: PerType[OperatorName] = PerType("mask", {own: "label"})
    with pytest.raises(IrreversibleError, match="mask cannot be undone"):
        RedactionSession(only, cipher=cipher, reversible=True)


def test_a_mask_may_hold_what_reads_like_a_stand_in() -> None:
    operators: PerType[Operator] = PerType(Pseudonym(), {EntityType.PHONE_NUMBER: Mask(4)})
    replacement_map = ReplacementMap.from_json([["QQ_NUMBER", "12345", "8000", 1]])
    text = "13800138000和8000"
    redacted = redact(text, [Entity(0, 11, EntityType.PHONE_NUMBER)], operators, replacement_map).text
    assert redacted == "*******8000和[PERSON_NAME_1]"
    assert restore("和[PERSON_NAME_1]", replacement_map).text == "和8000"


def test_types_of_ones_own_have_a_way_back(cipher: TokenCipher) -> None:
    session = RedactionSession(cipher=cipher, reversible=True)
    redacted = session.redact("翠鸟动工", [Entity(0, 2, EntityType.named("项目代号"))]).text
    assert redacted == "[项目代号_1]动工"
    assert restore(redacted, read_token(cipher, session.token())).text == "翠鸟动工"


def test_types_of_ones_own_whose_names_are_alike_are_told_apart() -> None:
    session = RedactionSession()
    kinds = [EntityType.named(name) for name in ("X_Y", "XY", "xy", "X", "X1")]
    text = "甲乙丙丁戊[X1_1][x-y 1]"
    redacted = session.redact(text, [Entity(at, at + 1, kind) for at, kind in enumerate(kinds)])
    assert session.restore(redacted.text).text == text
    assert len({redacted.text[one.start : one.end] for one in redacted.stand_ins}) == len(redacted.stand_ins)


def test_missing_keys_are_named(cipher: TokenCipher) -> None:
    with pytest.raises(MissingKeyError, match="hashes and keyed pseudonyms need a key"):
        RedactionSession("hash")
    with pytest.raises(MissingKeyError, match="a way back needs a key"):
        RedactionSession(reversible=True)
    with pytest.raises(MissingKeyError, match="a way back needs a key"):
        RedactionSession().token()
    with pytest.raises(MissingKeyError, match="a way back needs a key"):
        read_token(None, RedactionSession(cipher=cipher).token())
    with pytest.raises(TokenError):
        RedactionSession(cipher=cipher).resume("changed")


def test_many_literal_labels_take_one_more_pass_and_not_many(cipher: TokenCipher) -> None:
    texts = ["打13800138000 " + " ".join(f"[PHONE_NUMBER_{number}]" for number in range(1, 400)), "[EMAIL_1]", "a@b.cn"]
    session = RedactionSession(cipher=cipher, reversible=True)
    redacted = session.redact_all(RulesEngine().detect(texts))
    assert [session.restore(one.text).text for one in redacted] == texts
    assert len(session.replacement_map) == 4


def test_a_long_token_can_be_read_again(cipher: TokenCipher) -> None:
    session = RedactionSession(cipher=cipher, reversible=True)
    for number in range(3):
        session.redact(chr(0x4E00 + number) * 8_000_000, [Entity(0, 8_000_000, EntityType.ADDRESS)])
    assert len(read_token(cipher, session.token())) == 3


def test_numbers_go_on_behind_those_that_stand_in_texts_already() -> None:
    session = RedactionSession("pseudonym")
    session.reserve([" ".join(f"[PHONE_NUMBER_{number}]" for number in range(1, 301))])
    found = RulesEngine().detect(["打13800138000", "打13900139000", "打138-0013-8000"])
    assert [one.text for one in session.redact_all(found)] == [
        "打[PHONE_NUMBER_301]",
        "打[PHONE_NUMBER_302]",
        "打[PHONE_NUMBER_301_2]",
    ]
    again = ReplacementMap.from_json(session.replacement_map.to_json())
    assert len(again) == 3
    assert restore("[PHONE_NUMBER_301_2]、[PHONE_NUMBER_302]", again).text == "138-0013-8000、13900139000"


def test_what_reads_like_a_stand_in_in_a_text_is_none_for_the_next() -> None:
    session = RedactionSession("pseudonym")
    told = [session.redact_all([one])[0].text for one in RulesEngine().detect(["写[PHONE_NUMBER_1]", "打13800138000"])]
    assert told == ["写[PHONE_NUMBER_1]", "打[PHONE_NUMBER_2]"]
    assert [session.restore(one).text for one in told] == ["写[PHONE_NUMBER_1]", "打13800138000"]
