"""Answers of models that nothing constrains: read as far as they are JSON, with every fault counted."""

import json
import re
from collections.abc import Sequence

from eval.system import Answered, Reply
from schemas.errors import RecordError
from schemas.llm.align import align
from schemas.llm.codec import Mention
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType

_THOUGHT = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)


def read_reply(text: str, answer: str, types: Sequence[EntityType], read: int = 0, written: int = 0) -> Reply:
    """What `answer` says about `text` when asked for `types`, having read and written so many tokens.

    A leading thought (`<think>…</think>`) and a code fence around everything else are passed over. An answer that is
    not JSON of the asked form finds nothing. Values are placed by `schemas.llm.align`; what is found has score 1.0.
    """
    pairs = _pairs(answer)
    asked = [pair for pair in pairs or () if pair[0] in types]
    mentions = [mention for kind, value in asked if (mention := _mention(kind, value)) is not None]
    grounded = align(text, mentions)
    found = tuple(Detection(entity, 1.0, "model") for entity in grounded.entities)
    invented = len(asked) - len(grounded.entities)
    unknown = len(pairs or ()) - len(asked)
    answered = Answered(pairs is not None, len(pairs or ()), invented, unknown, read, written)
    return Reply(Prediction(text, found), answered)


def _pairs(answer: str) -> list[tuple[str, str]] | None:
    """Type and value of every item, or None when `answer` is not JSON of the asked form."""
    stripped = _THOUGHT.sub("", answer).strip()
    fenced = _FENCE.fullmatch(stripped)
    try:
        items = json.loads(fenced.group(1) if fenced else stripped)["entities"]
        pairs = [(item["type"], item["value"]) for item in items] if isinstance(items, list) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return pairs if pairs is not None and all(isinstance(part, str) for pair in pairs for part in pair) else None


def _mention(kind: str, value: str) -> Mention | None:
    """None for a value that cannot be in a text: none at all, or half a character."""
    try:
        return Mention(EntityType(kind), value)
    except RecordError:
        return None
