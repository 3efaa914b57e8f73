"""Entity-level scores: counts that add up, and precision, recall and F1 computed from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from schemas.spans.entity import Entity, Example
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType

Scheme = Literal["strict", "partial", "type_agnostic", "characters"]
SCHEMES: tuple[Scheme, ...] = ("strict", "partial", "type_agnostic", "characters")
"""What makes a found entity right.

strict: start, end and type are right (CoNLL-2003). partial: the type is right, and at least one character is shared;
each entity is paired with at most one of the other side. type_agnostic: start and end are right. characters: counts
characters instead of entities, whatever their type; the recall is the share of personal characters that redaction
would hide.
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives and false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """Tp / (tp + fp); 1.0 when nothing was predicted."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 1.0

    @property
    def recall(self) -> float:
        """Tp / (tp + fn); 1.0 when there was nothing to find."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 2tp / (2tp + fp + fn); 1.0 when all counts are zero."""
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else 1.0


def seqeval_counts(true: Sequence[Entity], found: Sequence[Entity]) -> dict[EntityType, Counts]:
    """Strict counts by type of one text, as seqeval has them (mode strict, scheme IOBES); equal to `count`'s.

    Both lists are sorted and disjoint. seqeval reads BIOES tags. Instead of every character, each run of characters
    that no start or end divides has a tag: the same entities are equal, and much fewer tags are read.
    """
    cuts = sorted({cut for entity in (*true, *found) for cut in (entity.start, entity.end)})
    index = {cut: number for number, cut in enumerate(cuts)}
    expected, answered = (_seqeval_entities(tuple(_bioes(side, index))) for side in (true, found))
    tp, fp, fn = (
        Counter(tag for tag, _, _ in entities)
        for entities in (expected & answered, answered - expected, expected - answered)
    )
    return {EntityType(tag): Counts(tp[tag], fp[tag], fn[tag]) for tag in tp.keys() | fp.keys() | fn.keys()}


def _bioes(entities: Sequence[Entity], index: Mapping[int, int]) -> list[str]:
    """One BIOES tag per run of characters; `index` numbers the runs by their first character."""
    tags = ["O"] * len(index)
    for entity in entities:
        start, end = index[entity.start], index[entity.end]
        prefixes = "S" if end - start == 1 else f"B{'I' * (end - start - 2)}E"
        tags[start:end] = [f"{prefix}-{entity.type}" for prefix in prefixes]
    return tags


@lru_cache(maxsize=4096)
def _seqeval_entities(tags: tuple[str, ...]) -> frozenset[tuple[str, int, int]]:
    """Tag, start and end of the entities that seqeval reads in `tags`; few texts differ in their tags."""
    from seqeval.scheme import IOBES, Entities  # belongs to the extra `eval`; the trainer scores without it

    (entities,) = Entities([tags], IOBES).entities
    return frozenset((entity.tag, entity.start, entity.end) for entity in entities)


def scored_entities(
    example: Example, prediction: Prediction, types: Iterable[EntityType]
) -> tuple[list[Entity], list[Entity]]:
    """The true and the found entities of those of `types` that `example` annotates, both in reading order."""
    wanted = set(types).intersection(example.annotated)
    true = [entity for entity in example.entities if entity.type in wanted]
    return true, [entity for entity in prediction.entities if entity.type in wanted]


def count(true: Sequence[Entity], found: Sequence[Entity], scheme: Scheme) -> dict[EntityType, Counts]:
    """Counts by type of one text; both lists are sorted and disjoint. The sum of the values is the micro-average.

    A hit counts for the true entity's type, a false positive for the found one's. Types without a count are left out.
    """
    if scheme == "characters":
        pairs = [(left, right, _common(left, right)) for left, right in meetings(true, found)]
        sizes = [entity.end - entity.start for entity in (*true, *found)]
    else:
        pairs = [(left, right, 1) for left, right in _hits(true, found, scheme)]
        sizes = [1] * (len(true) + len(found))
    counts: dict[EntityType, Counts] = {}
    for number, (entity, size) in enumerate(zip((*true, *found), sizes, strict=True)):
        missed = Counts(fn=size) if number < len(true) else Counts(fp=size)
        counts[entity.type] = counts.get(entity.type, Counts()) + missed
    for left, right, size in pairs:
        counts[left.type] += Counts(size, 0, -size)
        counts[right.type] += Counts(0, -size, 0)
    return counts


def _hits(true: Sequence[Entity], found: Sequence[Entity], scheme: Scheme) -> Iterator[tuple[Entity, Entity]]:
    """Pairs that are right; no entity is in two of them."""
    if scheme == "partial":
        for kind in {entity.type for entity in true}:
            sides = ([entity for entity in side if entity.type == kind] for side in (true, found))
            yield from _first_meetings(*sides)
        return
    for left, right in meetings(true, found):
        if left == right or (scheme == "type_agnostic" and (left.start, left.end) == (right.start, right.end)):
            yield left, right


def meetings(true: Sequence[Entity], found: Sequence[Entity]) -> Iterator[tuple[Entity, Entity]]:
    """Every pair with a character in common, in reading order."""
    left = right = 0
    while left < len(true) and right < len(found):
        if _common(true[left], found[right]) > 0:
            yield true[left], found[right]
        if true[left].end <= found[right].end:
            left += 1
        else:
            right += 1


def _first_meetings(true: Sequence[Entity], found: Sequence[Entity]) -> Iterator[tuple[Entity, Entity]]:
    """As many pairs with a character in common as can be made without using an entity twice.

    The entity that ends first meets at most one entity that is left, so that taking this pair costs no other.
    """
    last_left = last_right = None
    for left, right in meetings(true, found):
        if left is not last_left and right is not last_right:
            last_left, last_right = left, right
            yield left, right


def _common(left: Entity, right: Entity) -> int:
    """How many characters two entities share; 0 or less when none."""
    return min(left.end, right.end) - max(left.start, right.start)


def strict_counts(
    examples: Sequence[Example], predictions: Sequence[Prediction], types: Iterable[EntityType]
) -> dict[EntityType, Counts]:
    """Strict counts by type of many texts; a type is counted only on the examples that annotate it."""
    counts = dict.fromkeys(types, Counts())
    for example, prediction in zip(examples, predictions, strict=True):
        for kind, part in count(*scored_entities(example, prediction, counts), "strict").items():
            counts[kind] += part
    return counts
