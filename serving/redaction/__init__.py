"""Redaction: stand-ins for personal values, and the way back."""

from serving.redaction.json_values import redact_json, restore_json
from serving.redaction.operators import (
    OPERATORS,
    IrreversibleError,
    MissingKeyError,
    Operator,
    OperatorName,
    UnusedKeepError,
    make_operator,
)
from serving.redaction.redact import Redacted, Restored, StandIn, redact, restore
from serving.redaction.replacement_map import ReplacementMap
from serving.redaction.restorer import Restorer
from serving.redaction.session import RedactionSession, read_token
from serving.redaction.tokens import TokenCipher, TokenError, hash_key

__all__ = [
    "OPERATORS",
    "IrreversibleError",
    "MissingKeyError",
    "Operator",
    "OperatorName",
    "Redacted",
    "RedactionSession",
    "ReplacementMap",
    "Restored",
    "Restorer",
    "StandIn",
    "TokenCipher",
    "TokenError",
    "UnusedKeepError",
    "hash_key",
    "make_operator",
    "read_token",
    "redact",
    "redact_json",
    "restore",
    "restore_json",
]
