"""Tokens: encrypted replacement maps, which the client keeps, so that the service stores nothing."""

import hashlib
import json
import zlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from schemas.errors import ModelError, PiiSftError, RecordError
from serving.redaction.replacement_map import ReplacementMap


def hash_key(key: str) -> bytes:
    """The secret of the operator `hash`, derived from a key for tokens, which it does not reveal."""
    return hashlib.sha256(b"pii-sft hash " + key.encode()).digest()


class TokenError(PiiSftError):
    """A token that was not made with one of the keys, or was changed."""


class TokenCipher:
    """Encrypts replacement maps into tokens and back with Fernet (AES-128-CBC and HMAC-SHA-256).

    https://github.com/fernet/spec
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """Encrypt with the first of `keys`, decrypt with any of them.

        A key is 32 bytes in base64url, as `TokenCipher.new_key` makes them. Raises ModelError for another one, and
        where there is no key.
        """
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys])
        except ValueError:
            raise ModelError("a key is 32 bytes in base64url; `pii-sft key` prints a new one") from None

    @staticmethod
    def new_key() -> str:
        """A new random key."""
        return Fernet.generate_key().decode()

    def encrypt(self, replacement_map: ReplacementMap) -> str:
        """The token of `replacement_map`."""
        plain = json.dumps(replacement_map.to_json(), ensure_ascii=False, separators=(",", ":")).encode()
        return self._fernet.encrypt(zlib.compress(plain)).decode()

    def decrypt(self, token: str) -> ReplacementMap:
        """The replacement map of `token`. Raises TokenError where no key made it, or it was changed."""
        try:
            packed = self._fernet.decrypt(token.encode())
            return ReplacementMap.from_json(json.loads(zlib.decompress(packed)))  # only a key's owner could make a bomb
        except (InvalidToken, UnicodeEncodeError, zlib.error, ValueError, RecordError):
            raise TokenError("the token was not made with this key, or was changed") from None
