import time

import pytest
from cryptography.fernet import Fernet

from schemas.errors import ModelError
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType as T
from serving.redaction import ReplacementMap, TokenCipher, make_operator, redact, restore
from serving.redaction.tokens import TokenError

TEXT = "我叫张三"


def sealed(sealer: TokenCipher) -> tuple[str, str]:
    book = ReplacementMap()
    made = redact(TEXT, (Entity(2, 4, T.PERSON_NAME),), make_operator("pseudonym"), book)
    return made.text, sealer.seal(book)


def test_a_token_carries_the_book_and_shows_nothing() -> None:
    sealer = TokenCipher([TokenCipher.new_key()])
    text, token = sealed(sealer)
    assert restore(text, sealer.open(token)) == TEXT
    assert "张三" not in token and "张三" not in repr(sealer.open(token))


def test_keys_are_changed_without_losing_tokens() -> None:
    old, new = TokenCipher.new_key(), TokenCipher.new_key()
    text, token = sealed(TokenCipher([old]))
    both = TokenCipher([new, old])
    assert restore(text, both.open(token)) == TEXT
    TokenCipher([new]).open(sealed(both)[1])
    with pytest.raises(TokenError):
        TokenCipher([new]).open(token)


def test_changed_and_old_tokens_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    key = TokenCipher.new_key()
    sealer = TokenCipher([key])
    _, token = sealed(sealer)
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(0, len(token) - 2, 7)]
    for bad in (*changed, "", "é", "x" * 100, token[:-8], Fernet(key).encrypt(b"no zlib").decode()):
        with pytest.raises(TokenError, match="was not made with this key"):
            sealer.open(bad)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100)
    assert sealer.open(token, 200)
    with pytest.raises(TokenError, match="too old"):
        sealer.open(token, 50)


@pytest.mark.parametrize("keys", [[], [""], ["short"], [TokenCipher.new_key(), "x"]])
def test_keys_that_are_none_are_refused(keys: list[str]) -> None:
    with pytest.raises(ModelError, match="32 bytes"):
        TokenCipher(keys)
