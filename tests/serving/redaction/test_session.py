"""A session: one operator, one replacement map for many texts, and a token for the way back."""

import pytest

from schemas.spans.prediction import Prediction
from serving.engines.rules.engine import RulesEngine
from serving.redaction import (
    IrreversibleError,
    MissingKeyError,
    RedactionSession,
    TokenCipher,
    TokenError,
    read_token,
    restore,
)

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


def test_missing_keys_are_named(cipher: TokenCipher) -> None:
    with pytest.raises(MissingKeyError, match="hashes need a key"):
        RedactionSession("hash")
    with pytest.raises(MissingKeyError, match="a way back needs a key"):
        RedactionSession(reversible=True)
    with pytest.raises(MissingKeyError, match="a way back needs a key"):
        RedactionSession().token()
    with pytest.raises(MissingKeyError, match="a way back needs a key"):
        read_token(None, RedactionSession(cipher=cipher).token())
    with pytest.raises(TokenError):
        RedactionSession(cipher=cipher).resume("changed")
