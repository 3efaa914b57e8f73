"""Stand-ins that a text holds already: those of this request, and those of a conversation's history."""

import re
from collections.abc import Iterable

from schemas.taxonomy import ALL_TYPES, EntityType
from serving.redaction.labels import find_labels

_CODED = re.compile(r"\[[^\[\]]+_k[2-9b-z]{5}(?:_[0-9]{1,3})?\]")
"""A stand-in as this gateway writes it: a type, a code, and the number of a form."""


def without_stand_ins(text: str, kinds: Iterable[EntityType] = ()) -> str:
    """The text with spaces in the place of stand-ins, of types of the taxonomy and of `kinds`; of the same length."""
    if "_k" not in text:
        return text
    parts: list[str] = []
    end = 0
    for start, stop, _ in find_labels(text, frozenset({*ALL_TYPES, *kinds})):
        if _CODED.fullmatch(text, start, stop):
            parts += [text[end:start], " " * (stop - start)]
            end = stop
    return "".join([*parts, text[end:]])
