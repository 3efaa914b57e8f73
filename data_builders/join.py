"""Joins neighbouring examples into longer documents, as sentences stand together in real texts."""

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from schemas.entity import Document, Entity, Example


def join_neighbours(examples: Iterable[Example], separator: str, seed: int) -> Iterator[Example]:
    """Yield the examples in order, a third of them as parts of documents of two to four neighbours.

    All examples must annotate the same types. `separator` stands between the parts' texts.
    """
    rng = random.Random(seed)
    remaining = iter(examples)
    while parts := list(islice(remaining, rng.choices([1, 2, 3, 4], weights=[80, 10, 6, 4])[0])):
        yield parts[0] if len(parts) == 1 else _join(parts, separator)


def _join(parts: Sequence[Example], separator: str) -> Example:
    entities, offset = [], 0
    for part in parts:
        entities += [Entity(entity.start + offset, entity.end + offset, entity.type) for entity in part.entities]
        offset += len(part.document.text) + len(separator)
    first = parts[0]
    document = Document(first.document.id, separator.join(part.document.text for part in parts))
    return Example(document, tuple(entities), first.source, first.family, first.annotated)
