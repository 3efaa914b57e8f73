"""Mention replacement: the same sentences with other names in them, so that a model learns contexts, not names.

Dai and Adel 2020, "An Analysis of Simple Data Augmentation for Named Entity Recognition",
https://aclanthology.org/2020.coling-main.343
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType

Make = Callable[[random.Random], str]
"""Makes a value of a type."""


def replace_mentions(
    examples: Sequence[Example], makers: Mapping[EntityType, Make], share: float, seed: int
) -> Iterator[Example]:
    """Yield the examples with about a `share` of their different values replaced by others of the same type.

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
