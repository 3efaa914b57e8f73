"""The aligner: where the values that an LLM names stand in the text.

Mentions are occupied left to right. Each takes the first occurrence of its value at or after the cursor, the end of the
last mention so placed. Failing that it takes the first occurrence anywhere that overlaps no span placed so far, and
the cursor stays. Failing that it is ungrounded: the value is not in the text (again).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.llm.codec import Mention
from schemas.spans.entity import Entity


@dataclass(frozen=True, slots=True)
class Alignment:
    """The spans of the grounded mentions, sorted and disjoint, and the mentions without a span, in answer order.

    `order` gives, for each entity, the number of its mention.
    """

    entities: tuple[Entity, ...]
    ungrounded: tuple[Mention, ...]
    order: tuple[int, ...]


def align(text: str, mentions: Iterable[Mention]) -> Alignment:
    """Place `mentions` in `text` by the rule above.

    The text is searched once for all mentions in reading order, and at most twice more for each distinct value that
    is out of order or absent.
    """
    occupied = bytearray(len(text))
    resume: dict[str, int] = {}  # values with no occurrence after the cursor, and where their next free one may start
    cursor = 0
    placed: list[tuple[Entity, int]] = []
    ungrounded: list[Mention] = []
    for number, mention in enumerate(mentions):
        value = mention.value
        start = -1 if value in resume else text.find(value, cursor)
        if start >= 0:
            cursor = start + len(value)
        else:
            start = _find_free(text, value, occupied, resume.get(value, 0))
            resume[value] = start if start >= 0 else len(text)
        if start < 0:
            ungrounded.append(mention)
            continue
        end = start + len(value)
        occupied[start:end] = b"\1" * len(value)
        placed.append((Entity(start, end, mention.type), number))
    placed.sort()
    return Alignment(tuple(entity for entity, _ in placed), tuple(ungrounded), tuple(number for _, number in placed))


def _find_free(text: str, value: str, occupied: bytearray, start: int) -> int:
    """The first occurrence of `value` at or after `start` without a occupied character, or -1."""
    start = text.find(value, start)
    while start >= 0:
        last_occupied = occupied.rfind(1, start, start + len(value))
        if last_occupied < 0:
            break
        start = text.find(value, last_occupied + 1)
    return start
