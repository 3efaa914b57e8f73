"""What a corpus labels in more than one way."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from schemas.spans.entity import Example
from schemas.taxonomy import EntityType


def conflicting_labels(examples: Iterable[Example]) -> dict[str, Counter[EntityType]]:
    """Count the labels of every string that the examples mark with two or more types, in order of appearance.

    MSRA's training file has 156 such strings: many names are a place here and an organisation there.
    """
    labels: defaultdict[str, Counter[EntityType]] = defaultdict(Counter)
    for example in examples:
        for entity in example.entities:
            labels[example.document.text[entity.start : entity.end]][entity.type] += 1
    return {value: counts for value, counts in labels.items() if len(counts) > 1}
