"""Answers of models that nothing constrains: read as far as they are JSON, with every fault counted."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.errors import RecordError
from schemas.json_fields import unique_names
from schemas.llm.align import align
from schemas.llm.codec import Mention
from schemas.spans.entity import Entity
from schemas.taxonomy import ALL_TYPES, EntityType
from schemas.text.fold import fold

_THOUGHT = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)
_TYPES = frozenset(ALL_TYPES)
_LEAST, _MOST = 6, 100
"""Letters and digits of a value that is looked for without its separators, and most of one at all."""
_SEPARATORS = r"\W{0,3}"


@dataclass(frozen=True, slots=True)
class FreeAnswer:
    """What an answer says: the entities that are in the text, and what was wrong with the rest.

    `valid` is whether it was JSON of the asked form. Of its `items`, `invented` have values that are not in the text
    (again) and `unknown` have a type that was not asked for, of which `foreign` are in no taxonomy of ours.
    """

    entities: tuple[Entity, ...]
    valid: bool
    items: int
    invented: int
    unknown: int
    foreign: int


def read_free_answer(text: str, answer: str, types: Sequence[EntityType]) -> FreeAnswer:
    """What `answer` says about `text` when asked for `types`.

    A leading thought (`<think>…</think>`) and a code fence around everything else are passed over. An answer that is
    not JSON of the asked form finds nothing. Types count in capital and small letters. Values are placed by
    `schemas.llm.align`; of one that is not in the text its letters and digits alone count, in
    any width and case.
    """
    items = _items(answer)
    asked = [item for item in items or () if item[0] in types]
    folded = fold(text)
    written = ((kind, _as_written(text, folded, value)) for kind, value in asked)
    mentions = [mention for kind, value in written if (mention := _mention(kind, value)) is not None]
    entities = align(text, mentions).entities
    count = len(items or ())
    foreign = sum(kind not in _TYPES for kind, _ in items or ())
    return FreeAnswer(entities, items is not None, count, len(asked) - len(entities), count - len(asked), foreign)


def _as_written(text: str, folded: str, value: str) -> str:
    """`value` as it stands in `text`, where a model wrote 13800138000 of 138-0013-8000; else as it is."""
    letters = [re.escape(char) for char in fold(value) if char.isalnum()]
    if value in text or not 1 < len(letters) <= _MOST:
        return value
    spelled = (_SEPARATORS if len(letters) >= _LEAST else " ?").join(letters)
    found = re.search(rf"(?<![0-9A-Za-z]){spelled}(?![0-9A-Za-z])", folded, re.IGNORECASE)
    return text[found.start() : found.end()] if found else value


def _items(answer: str) -> list[tuple[str, str]] | None:
    """Type and value of every item, or None when `answer` is not JSON of the asked form."""
    stripped = _THOUGHT.sub("", answer).strip()
    fenced = _FENCE.fullmatch(stripped)
    try:
        rows = json.loads(fenced.group(1) if fenced else stripped, object_pairs_hook=unique_names)["entities"]
        items = [(row["type"], row["value"]) for row in rows] if isinstance(rows, list) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if items is None or not all(isinstance(part, str) for item in items for part in item):
        return None
    return [(kind.strip().upper(), value) for kind, value in items]


def _mention(kind: str, value: str) -> Mention | None:
    """None for a value that cannot be in a text: none at all, or half a character."""
    try:
        return Mention(EntityType(kind), value)
    except RecordError:
        return None
