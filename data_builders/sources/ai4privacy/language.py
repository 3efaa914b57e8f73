"""The language of a row, which the versions write as a code, as an English name or not at all."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_CODES = {
    "english": "en",
    "chinese": "zh",
    "french": "fr",
    "german": "de",
    "italian": "it",
    "spanish": "es",
    "dutch": "nl",
}
_ONLY = {"43k": "en"}
"""Versions in one language, which their rows do not name."""


def language_code(name: str) -> str:
    """The primary language code (ISO 639) of `zh`, `zh-CN`, `Chinese` or `english`, in lower case."""
    name = name.strip().casefold()
    return _CODES.get(name, name.replace("_", "-").partition("-")[0])


def row_language(row: Mapping[str, Any], place: str, version: str) -> str | None:
    """The language code of `row`, or None when it is nowhere said.

    65k says it only in the names of its files (`english_balanced_10k.jsonl:7` as `place`).
    """
    named = row.get("language")
    if isinstance(named, str) and named.strip():
        return language_code(named)
    return _ONLY.get(version) or _CODES.get(Path(place).name.partition("_")[0].casefold())
