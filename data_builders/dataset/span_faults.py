"""What is wrong with the spans of a row, whatever else is wrong with it; sentences never quote a value."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.taxonomy import EntityType


class _Span(NamedTuple):
    """The entity `entities[number]`, of which start and end are integers that could be a span."""

    number: int
    start: int
    end: int
    item: dict[str, Any]


def span_faults(row: object) -> list[str]:
    """A sentence for each span of a dataset's row (its JSON value) that fits neither text, types nor other spans.

    A sentence begins with the path: `entities[0].value: differs from the text at [2, 4)`. What has no place or is of
    another kind than the schema says is passed over: `schema_faults` tells of it.
    """
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not isinstance(row.get("entities"), list):
        return []
    spans = list(_spans(row["entities"]))
    return [
        f"entities[{span.number}]{fault}"
        for index, span in enumerate(spans)
        for fault in (
            *_text_faults(span, row["text"]),
            *_type_faults(span, row.get("types")),
            *_order_faults(span, spans[index - 1] if index else None),
        )
    ]


def _spans(items: list[Any]) -> Iterator[_Span]:
    for number, item in enumerate(items):
        start, end = (item.get("start"), item.get("end")) if isinstance(item, dict) else (None, None)
        if type(start) is int and type(end) is int and start >= 0 and end >= 1:
            yield _Span(number, start, end, item)


def _text_faults(span: _Span, text: str) -> Iterator[str]:
    value, place = span.item.get("value"), f"[{span.start}, {span.end})"
    if span.start >= span.end:
        yield f": {place} is empty"
    elif span.end > len(text):
        yield f": {place} is outside the text, which has {len(text)} characters"
    elif isinstance(value, str) and value != text[span.start : span.end]:
        yield f".value: differs from the text at {place}"


def _type_faults(span: _Span, types: object) -> Iterator[str]:
    kind = span.item.get("type")
    if isinstance(types, list) and kind not in types and isinstance(kind, str) and kind in EntityType.__members__:
        yield ".type: is not one of types, which are those that the row annotates"


def _order_faults(span: _Span, before: _Span | None) -> Iterator[str]:
    if before and span.start < before.end:
        follows = "overlaps" if span.end > before.start else "comes before"
        yield f": {follows} entities[{before.number}]"
