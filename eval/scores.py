"""Entity-level scores: counts that add up, and precision, recall and F1 computed from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.entity import Example
from schemas.prediction import Prediction
from schemas.taxonomy import EntityType


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


def strict_counts(
    examples: Sequence[Example], predictions: Sequence[Prediction], types: Iterable[EntityType]
) -> dict[EntityType, Counts]:
    """Counts by type; an entity is right when start, end and type all are (strict matching, as in CoNLL-2003).

    A type is counted only on the examples that annotate it. The sum of the values is the micro-average.
    """
    counts = dict.fromkeys(types, Counts())
    for example, prediction in zip(examples, predictions, strict=True):
        gold, found = set(example.entities), set(prediction.entities)
        for kind in counts.keys() & set(example.annotated):
            true = {entity for entity in gold if entity.type == kind}
            guessed = {entity for entity in found if entity.type == kind}
            counts[kind] += Counts(len(true & guessed), len(guessed - true), len(true - guessed))
    return counts


def clean_share(examples: Sequence[Example], predictions: Sequence[Prediction], types: Iterable[EntityType]) -> float:
    """Of the examples that hold no entity of `types`, the share in which none was predicted; 1.0 if there are none.

    Of each example only the types that it annotates count.
    """
    wanted = set(types)
    empty = [
        not any(entity.type in wanted.intersection(example.annotated) for entity in prediction.entities)
        for example, prediction in zip(examples, predictions, strict=True)
        if wanted.intersection(example.annotated) and not any(entity.type in wanted for entity in example.entities)
    ]
    return sum(empty) / len(empty) if empty else 1.0
