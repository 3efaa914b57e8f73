"""Files of tokens, which hold the way back from stand-ins to values."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.keys import VARIABLE, keys_from_environment
from schemas.errors import DataError, ModelError

if TYPE_CHECKING:
    from serving.redaction import TokenCipher


def environment_cipher() -> TokenCipher | None:
    """What encrypts and decrypts with the keys of the environment; None where there is none."""
    from serving.redaction import TokenCipher

    keys = keys_from_environment()
    return TokenCipher(keys) if keys else None


@contextmanager
def naming_the_key() -> Iterator[None]:
    """Say where a missing key is looked for."""
    from serving.redaction import MissingKeyError

    try:
        yield
    except MissingKeyError as error:
        raise ModelError(f"{error} in ${VARIABLE}; `pii-sft key` prints one") from None


def read_token_file(path: Path) -> str:
    """The token in a file. Raises DataError for a file of something else."""
    try:
        return path.read_text(encoding="ascii").strip()
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not a token file of `pii-sft redact`") from None


@contextmanager
def alone_with(token: Path | None) -> Iterator[None]:
    """Wait until no other run goes on with the file of a token, and let none begin: one would undo the other."""
    if token is None:
        yield
        return
    import fcntl  # not on every system, and only a token needs it

    folder = os.open(token.resolve().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
