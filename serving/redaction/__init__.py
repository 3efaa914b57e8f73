"""Redaction: stand-ins for personal values, and the way back."""

from serving.redaction.book import Book
from serving.redaction.redact import Redacted, StandIn, redact, restore
from serving.redaction.sealing import Sealer
from serving.redaction.styles import STYLES, Style, make_style

__all__ = ["STYLES", "Book", "Redacted", "Sealer", "StandIn", "Style", "make_style", "redact", "restore"]
