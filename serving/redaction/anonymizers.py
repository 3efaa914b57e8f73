"""What presidio-anonymizer does with results of an analyzer, so that its clients find the same here.

https://microsoft.github.io/presidio/anonymizer/
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter, itemgetter
from typing import Literal, Protocol

from schemas.taxonomy import DEFAULT


@dataclass(frozen=True, slots=True)
class Found:
    """A result of an analyzer: `[start, end)` in code points; its type may have any name."""

    start: int
    end: int
    entity_type: str
    score: float


class Anonymizer(Protocol):
    """Makes what stands in the place of a value."""

    @property
    def name(self) -> str:
        """What Presidio calls it."""
        ...

    def apply(self, value: str, entity_type: str) -> str:
        """What stands in the place of `value`."""
        ...


@dataclass(frozen=True, slots=True)
class Replace:
    """A fixed text, or `<TYPE>` where it is empty."""

    new_value: str = field(default="", repr=False)
    name: str = "replace"

    def apply(self, value: str, entity_type: str) -> str:
        """As `Anonymizer` has it."""
        return self.new_value or f"<{entity_type}>"


@dataclass(frozen=True, slots=True)
class Redact:
    """Nothing."""

    name: str = "redact"

    def apply(self, value: str, entity_type: str) -> str:
        """As `Anonymizer` has it."""
        return ""


@dataclass(frozen=True, slots=True)
class Mask:
    """The value with `count` characters at its beginning or end as `char`."""

    char: str
    count: int
    from_end: bool
    name: str = "mask"

    def apply(self, value: str, entity_type: str) -> str:
        """As `Anonymizer` has it."""
        masked = max(0, min(self.count, len(value)))
        shown = len(value) - masked
        return value[:shown] + self.char * masked if self.from_end else self.char * masked + value[masked:]


@dataclass(frozen=True, slots=True)
class Hash:
    """A digest of the value and a salt in hexadecimal digits; the salt is random for each value where none is given."""

    algorithm: Literal["sha256", "sha512"] = "sha256"
    salt: bytes | None = field(default=None, repr=False)
    name: str = "hash"

    def apply(self, value: str, entity_type: str) -> str:
        """As `Anonymizer` has it."""
        salt = os.urandom(32) if self.salt is None else self.salt
        return hashlib.new(self.algorithm, value.encode() + salt).hexdigest()


@dataclass(frozen=True, slots=True)
class Keep:
    """The value itself."""

    name: str = "keep"

    def apply(self, value: str, entity_type: str) -> str:
        """As `Anonymizer` has it."""
        return value


@dataclass(frozen=True, slots=True)
class Item:
    """A part of the anonymized text at `[start, end)`, and the name of the anonymizer that made it."""

    start: int
    end: int
    entity_type: str
    text: str = field(repr=False)
    operator: str


def anonymize(
    text: str, results: Sequence[Found], anonymizers: Mapping[str, Anonymizer]
) -> tuple[str, tuple[Item, ...]]:
    """The text with `results`, which lie in it, anonymized by the anonymizer of their type, and the items in order.

    A type without an anonymizer is replaced by `<TYPE>`, or as `DEFAULT` says. Results of a type that overlap are one,
    and so are those with spaces alone between them; of others that contain each other the longest stays, of equal ones
    the surest, then the last. Where two overlap in part, what stands for the first is followed by what stands for the
    second.
    """
    default = anonymizers.get(DEFAULT, Replace())
    parts: list[str] = []
    items: list[Item] = []
    end = length = 0
    joined = _joined(text, _without_contained(_merged(results)))
    for result in sorted(joined, key=attrgetter("start")):
        anonymizer = anonymizers.get(result.entity_type, default)
        changed = anonymizer.apply(text[result.start : result.end], result.entity_type)
        parts += [text[end : result.start], changed]
        length += max(0, result.start - end)
        items.append(Item(length, length + len(changed), result.entity_type, changed, anonymizer.name))
        length += len(changed)
        end = max(end, result.end)
    return "".join([*parts, text[end:]]), tuple(items)


def _merged(results: Sequence[Found]) -> list[Found]:
    """Results of a type that overlap as one, in the place of the last of them."""
    merged: dict[str, list[tuple[int, Found]]] = {}
    for place, result in enumerate(sorted(results, key=lambda one: (one.start, one.end))):
        same = merged.setdefault(result.entity_type, [])
        if same and result.start < same[-1][1].end:
            _, last = same.pop()
            end, score = max(last.end, result.end), max(last.score, result.score)
            result = replace(result, start=last.start, end=end, score=score)
        same.append((place, result))
    return [result for _, result in sorted((pair for same in merged.values() for pair in same), key=itemgetter(0))]


def _without_contained(results: Sequence[Found]) -> list[Found]:
    """Those that no other one contains, in their order; of equal ones the surest, then the last."""
    widest_first = sorted(enumerate(results), key=lambda pair: (pair[1].start, -pair[1].end, -pair[1].score, -pair[0]))
    kept: list[tuple[int, Found]] = []
    for place, result in widest_first:
        if not kept or result.end > kept[-1][1].end:
            kept.append((place, result))
    return [result for _, result in sorted(kept, key=itemgetter(0))]


def _joined(text: str, results: Sequence[Found]) -> Iterator[Found]:
    """Neighbours of a type with spaces alone between them as one."""
    waiting: Found | None = None
    for result in results:
        between = "" if waiting is None else text[waiting.end : result.start]
        if waiting is not None and waiting.entity_type == result.entity_type and between and not between.strip(" "):
            waiting = replace(result, start=waiting.start)
            continue
        if waiting is not None:
            yield waiting
        waiting = result
    if waiting is not None:
        yield waiting
