"""Neighbours of a corpus joined into longer documents."""

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from schemas.errors import DataError
from schemas.spans.entity import Document, Entity, Example


def concatenate_neighbours(examples: Iterable[Example], separator: str, seed: int) -> Iterator[Example]:
    """Yield the examples in order, two in five as parts of documents of two to four neighbours.

    So they stand together as sentences do in real texts. `separator` stands between the parts' texts; a slice that
    differs between parts names them all (`a+b`). Raises DataError when neighbours annotate different types, since what
    one of them leaves unmarked would count as absent.
    """
    rng = random.Random(seed)
    remaining = iter(examples)
    while parts := list(islice(remaining, rng.choices([1, 2, 3, 4], weights=[80, 10, 6, 4])[0])):
        yield parts[0] if len(parts) == 1 else _concatenate(parts, separator)


def _concatenate(parts: Sequence[Example], separator: str) -> Example:
    if len({part.annotated for part in parts}) > 1:
        raise DataError(f"{parts[0].document.id}: neighbours that annotate different types cannot be joined")
    entities, offset = [], 0
    for part in parts:
        entities += [Entity(entity.start + offset, entity.end + offset, entity.type) for entity in part.entities]
        offset += len(part.document.text) + len(separator)
    first = parts[0]
    document = Document(first.document.id, separator.join(part.document.text for part in parts))
    keys = dict.fromkeys(key for part in parts for key in part.slices)
    slices = {key: "+".join(dict.fromkeys(part.slices[key] for part in parts if key in part.slices)) for key in keys}
    return Example(document, tuple(entities), first.source, first.family, first.annotated, slices)
