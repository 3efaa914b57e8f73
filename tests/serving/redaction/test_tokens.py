import pytest
from cryptography.fernet import Fernet

from schemas.errors import ModelError
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType as T
from serving.redaction import ReplacementMap, TokenCipher, TokenError, make_operator, redact, restore

TEXT = "我叫张三"


def encrypted(cipher: TokenCipher) -> tuple[str, str]:
    replacement_map = ReplacementMap()
    redacted = redact(TEXT, (Entity(2, 4, T.PERSON_NAME),), make_operator("pseudonym"), replacement_map)
    return redacted.text, cipher.encrypt(replacement_map)


def test_a_token_carries_the_replacement_map_and_shows_nothing() -> None:
    cipher = TokenCipher([TokenCipher.new_key()])
    text, token = encrypted(cipher)
    assert restore(text, cipher.decrypt(token)).text == TEXT
    assert "张三" not in token and "张三" not in repr(cipher.decrypt(token))


def test_keys_are_changed_without_losing_tokens() -> None:
    old, new = TokenCipher.new_key(), TokenCipher.new_key()
    text, token = encrypted(TokenCipher([old]))
    both = TokenCipher([new, old])
    assert restore(text, both.decrypt(token)).text == TEXT
    TokenCipher([new]).decrypt(encrypted(both)[1])
    with pytest.raises(TokenError):
        TokenCipher([new]).decrypt(token)


def test_changed_tokens_are_refused() -> None:
    key = TokenCipher.new_key()
    cipher = TokenCipher([key])
    _, token = encrypted(cipher)
    changed = [
        token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        for position in range(0, len(token) - 2, 7)
    ]
    for bad in (*changed, "", "é", "x" * 100, token[:-8], Fernet(key).encrypt(b"no zlib").decode()):
        with pytest.raises(TokenError, match="was not made with this key"):
            cipher.decrypt(bad)


@pytest.mark.parametrize("keys", [[], [""], ["short"], [TokenCipher.new_key(), "x"]])
def test_malformed_keys_are_refused(keys: list[str]) -> None:
    with pytest.raises(ModelError, match="32 bytes"):
        TokenCipher(keys)
