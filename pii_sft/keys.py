"""The keys of redactions, where commands and functions find them: $PII_SFT_KEY."""

import os

from schemas.errors import ModelError
from serving.service.settings import SECRET, read_settings, variable

VARIABLE = variable(SECRET)
"""One key, or several with commas between them: the first encrypts, all decrypt."""


def keys_from_environment() -> tuple[str, ...]:
    """The keys in $PII_SFT_KEY; none when it is not set or empty."""
    return read_settings({}, {VARIABLE: os.environ.get(VARIABLE, "")}).token_keys


def operator_key(operator: str) -> bytes:
    """The key of hashes and surrogates of the scan operator `operator`; empty for one that needs none.

    Raises ModelError where one is needed and there is none.
    """
    from serving.redaction import hash_key
    from serving.scan.settings import KEYED

    if operator not in KEYED:
        return b""
    keys = keys_from_environment()
    if not keys:
        raise ModelError(f"the operator {operator} needs a key in ${VARIABLE}; `pii-sft key` prints one")
    return hash_key(keys[0])
