"""Books as sealed tokens, which the client keeps: encrypted and authenticated, so that nothing is stored here."""

import hashlib
import json
import zlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from schemas.errors import ModelError, PiiSftError, RecordError
from serving.redaction.replacement_map import ReplacementMap

_MOST_BYTES = 64 * 1024 * 1024


def hash_key(key: str) -> bytes:
    """The secret of the style `hash`, made from a sealing key, which it does not give away."""
    return hashlib.sha256(b"pii-sft hash " + key.encode()).digest()


class TokenError(PiiSftError):
    """A token that was not made with one of the keys, was changed, or is too old."""


class TokenCipher:
    """Makes tokens of books and books of tokens with Fernet (AES-128-CBC and HMAC-SHA-256)."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Seal with the first of `keys`, open with any. Raises ModelError for a key that is none, and for no key.

        A key is 32 bytes in base64url, as `TokenCipher.new_key` makes them.
        """
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys])
        except ValueError:
            raise ModelError("a key is 32 bytes in base64url; `pii-sft key` prints a new one") from None

    @staticmethod
    def new_key() -> str:
        """A new random key."""
        return Fernet.generate_key().decode()

    def seal(self, book: ReplacementMap) -> str:
        """The token of `book`."""
        plain = json.dumps(book.to_json(), ensure_ascii=False, separators=(",", ":")).encode()
        return self._fernet.encrypt(zlib.compress(plain)).decode()

    def open(self, token: str, seconds: int | None = None) -> ReplacementMap:
        """The book of `token`, at most `seconds` old when given. Raises TokenError for a token that is not whole."""
        try:
            packed = self._fernet.decrypt(token.encode(), seconds)
            plain = zlib.decompressobj().decompress(packed, _MOST_BYTES)
            return ReplacementMap.from_json(json.loads(plain))
        except (InvalidToken, UnicodeEncodeError, zlib.error, ValueError, RecordError):
            raise TokenError("the token was not made with this key, was changed, or is too old") from None
