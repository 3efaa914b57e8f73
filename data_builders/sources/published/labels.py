"""The labels of a test set and our types: its texts become examples that annotate what it marks, and no other type."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from data_builders.sources.own.labelled import LabelledSpan, LabelledText, span_of
from schemas.errors import DataError, InvalidTextError
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import ALL_TYPES, EntityType

Labels = Mapping[str, EntityType | None]
"""Labels of a test set, and the type of each; None is a label that is known to have no counterpart."""


_KINDS: Mapping[type[Any], str] = {str: "text", list: "list", dict: "object"}


def field_of(row: Mapping[str, Any], name: str, kind: type[Any], place: str) -> Any:
    """The value of the field `name`. Raises DataError, with `place`, when it is missing or of another kind."""
    if not isinstance(row.get(name), kind):
        raise DataError(f"{place}: has no {_KINDS[kind]} in the field {name}")
    return row[name]


def checked_span(start: Any, end: Any, label: Any, value: Any, text: str, place: str) -> LabelledSpan:
    """The span `[start, end)` that holds `value`. Raises DataError, with `place`, when the text has something else."""
    span = span_of(start, end, label, place)
    if text[span.start : span.end] != value or span.start < 0:
        raise DataError(f"{place}: {span.label} at [{span.start}, {span.end}) is not what the text has there")
    return span


def as_examples(
    texts: Iterable[LabelledText], labels: Labels, name: str, part: str, report: Counter[str]
) -> Iterator[Example]:
    """The texts of one file as examples of the source `part`, with ids that begin with `name` and `part`.

    All of them annotate the types whose labels occur in the file. `report` counts the values that are left out: those
    whose label has no type, and of values that overlap all but the longest. Raises DataError where no label has a type.
    """
    items = list(texts)
    found = {labels.get(span.label) for span in chain.from_iterable(item.spans for item in items)}
    annotated = tuple(kind for kind in ALL_TYPES if kind in found)
    if not annotated:
        raise DataError(f"no label of the part {part} has a type here; is its file another one?")
    for number, item in enumerate(items, start=1):
        entities = tuple(_entities(item, labels, report))
        yield Example(_document(f"{name}-{part}-{number}", item), entities, part, annotated=annotated)


def _entities(item: LabelledText, labels: Labels, report: Counter[str]) -> list[Entity]:
    entities = set[Entity]()
    for start, end, label in item.spans:
        kind = labels.get(label)
        if kind is None:
            report[f"label {label}"] += 1
        else:
            entities.add(Entity(start, end, kind))
    return _disjoint(entities, report)


def _disjoint(entities: Iterable[Entity], report: Counter[str]) -> list[Entity]:
    """The longest of entities that overlap, in reading order."""
    kept = list[Entity]()
    for entity in sorted(entities, key=lambda entity: (entity.start - entity.end, entity)):
        if any(entity.start < other.end and other.start < entity.end for other in kept):
            report["values that overlap a longer one"] += 1
        else:
            kept.append(entity)
    return sorted(kept)


def _document(name: str, item: LabelledText) -> Document:
    try:
        return Document(name, item.text)
    except InvalidTextError as error:
        raise DataError(f"{item.place}: {error}") from None
