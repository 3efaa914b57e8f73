"""Redaction: stand-ins for personal values, and the way back."""

from serving.redaction.book import Book
from serving.redaction.redact import Redacted, StandIn, redact, restore
from serving.redaction.sealing import Sealer, SealError, hash_key
from serving.redaction.styles import STYLES, Style, StyleName, make_style

__all__ = [
    "STYLES",
    "Book",
    "Redacted",
    "SealError",
    "Sealer",
    "StandIn",
    "Style",
    "StyleName",
    "hash_key",
    "make_style",
    "redact",
    "restore",
]
