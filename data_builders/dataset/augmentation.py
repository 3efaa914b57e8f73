"""Data augmentation: mentions replaced by others, and neighbours concatenated into longer documents."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from schemas.errors import DataError
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType

Make = Callable[[random.Random], str]
"""Makes a value of a type."""


def replace_mentions(
    examples: Sequence[Example], makers: Mapping[EntityType, Make], share: float, seed: int
) -> Iterator[Example]:
    """Yield the examples with about a `share` of their different values replaced by others of the same type.

    A model learns contexts from them, not names: mention replacement of Dai and Adel 2020, "An Analysis of Simple Data
    Augmentation for Named Entity Recognition", https://aclanthology.org/2020.coling-main.343.
    Another value is one of the corpus, or, for a type of `makers`, one of the maker's half of the time. A value that
    occurs twice in an example becomes the same other value.
    """
    rng = random.Random(seed)
    pools: dict[EntityType, list[str]] = defaultdict(list)
    for example in examples:
        for entity in example.entities:
            pools[entity.type].append(example.document.text[entity.start : entity.end])

    def other(kind: EntityType) -> str:
        return makers[kind](rng) if kind in makers and rng.random() < 0.5 else rng.choice(pools[kind])

    for example in examples:
        text = example.document.text
        values = dict.fromkeys((entity.type, text[entity.start : entity.end]) for entity in example.entities)
        chosen = {(kind, value): other(kind) if rng.random() < share else value for kind, value in values}
        yield _with_values(example, chosen, seed)


def _with_values(example: Example, chosen: Mapping[tuple[EntityType, str], str], seed: int) -> Example:
    text, parts, entities, end, length = example.document.text, [], [], 0, 0
    for entity in example.entities:
        value = chosen[entity.type, text[entity.start : entity.end]]
        start = length + entity.start - end
        entities.append(Entity(start, start + len(value), entity.type))
        parts += [text[end : entity.start], value]
        end, length = entity.end, start + len(value)
    document = Document(f"{example.document.id}-replaced-{seed}", "".join([*parts, text[end:]]))
    return Example(document, tuple(entities), example.source, example.family, example.annotated, example.slices)


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
