"""Answers of models that nothing constrains: read as far as they are JSON, with every fault counted."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.errors import RecordError
from schemas.llm.align import align
from schemas.llm.codec import Mention
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType

_THOUGHT = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FreeAnswer:
    """What an answer says: the entities that are in the text, and what was wrong with the rest.

    `valid` is whether it was JSON of the asked form. Of its `items`, `invented` have values that are not in the text
    (again) and `unknown` have a type that was not asked for.
    """

    entities: tuple[Entity, ...]
    valid: bool
    items: int
    invented: int
    unknown: int


def read_free_answer(text: str, answer: str, types: Sequence[EntityType]) -> FreeAnswer:
    """What `answer` says about `text` when asked for `types`.

    A leading thought (`<think>…</think>`) and a code fence around everything else are passed over. An answer that is
    not JSON of the asked form finds nothing. Values are placed by `schemas.llm.align`.
    """
    items = _items(answer)
    asked = [item for item in items or () if item[0] in types]
    mentions = [mention for kind, value in asked if (mention := _mention(kind, value)) is not None]
    entities = align(text, mentions).entities
    count = len(items or ())
    return FreeAnswer(entities, items is not None, count, len(asked) - len(entities), count - len(asked))


def _items(answer: str) -> list[tuple[str, str]] | None:
    """Type and value of every item, or None when `answer` is not JSON of the asked form."""
    stripped = _THOUGHT.sub("", answer).strip()
    fenced = _FENCE.fullmatch(stripped)
    try:
        rows = json.loads(fenced.group(1) if fenced else stripped)["entities"]
        items = [(row["type"], row["value"]) for row in rows] if isinstance(rows, list) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return items if items is not None and all(isinstance(part, str) for item in items for part in item) else None


def _mention(kind: str, value: str) -> Mention | None:
    """None for a value that cannot be in a text: none at all, or half a character."""
    try:
        return Mention(EntityType(kind), value)
    except RecordError:
        return None
