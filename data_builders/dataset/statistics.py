"""Counts of a dataset's rows, for its card and its report."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

from schemas.spans.entity import Example
from schemas.taxonomy import ALL_TYPES

_CHINESE_SHARE = 0.2
_BOUNDS = (0, 1, 4, 20)
_BUCKETS = ("0", "1", "2-4", "5-20", "over 20")


def type_counts(examples: Iterable[Example]) -> Counter[str]:
    """Entities by type, in the taxonomy's order, types without any left out."""
    found = Counter(entity.type for example in examples for entity in example.entities)
    return Counter({str(kind): found[kind] for kind in ALL_TYPES if found[kind]})


def slice_counts(examples: Iterable[Example], key: str) -> Counter[str]:
    """Rows by the value of slice `key`, or by `source`, `family` or `language`."""
    known = {"source": _source, "family": _family, "language": _language}
    return Counter(map(known.get(key, lambda example: example.slices[key]), examples))


def entity_counts(examples: Iterable[Example]) -> Counter[str]:
    """Rows by their number of entities: 0, 1, 2-4, 5-20, over 20."""

    return Counter(_BUCKETS[bisect_left(_BOUNDS, len(example.entities))] for example in examples)


def _source(example: Example) -> str:
    return example.source


def _family(example: Example) -> str:
    return f"{example.source}: {example.family}"


def _language(example: Example) -> str:
    """Chinese when at least a fifth of the characters are Chinese, else English."""
    text = example.document.text
    return "zh" if sum("\u4e00" <= char <= "\u9fff" for char in text) >= _CHINESE_SHARE * len(text) else "en"
