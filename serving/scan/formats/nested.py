"""Texts within lists, structs and maps of Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from serving.redaction.documents.parquet import holds_texts, is_text


def is_nested_text(kind: Any) -> bool:
    """Whether `kind` is a list, a struct or a map with texts that can be read and written again."""
    return bool(kind.num_fields) and holds_texts(kind) and _can_be_written(kind)


def _can_be_written(kind: Any) -> bool:
    """Whether values in Python have all that those of the type have."""
    from pyarrow import types

    if types.is_map(kind):
        return _can_be_written(kind.key_type) and _can_be_written(kind.item_type)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _can_be_written(kind.value_type)
    if types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        return len({field.name for field in fields}) == len(fields) and all(_can_be_written(one.type) for one in fields)
    plain = types.is_string, types.is_large_string, types.is_integer, types.is_float32, types.is_float64
    others = types.is_boolean, types.is_null, types.is_binary, types.is_decimal, types.is_date32
    return any(test(kind) for test in (*plain, *others))


def unread_places(kind: Any, column: str) -> Iterator[str]:
    """Where values that are no texts, and so are not read, stand within values of the type, such as people[*].phone."""
    from pyarrow import types

    if types.is_map(kind):
        yield from unread_places(kind.key_type, f"{column}[*].key")
        yield from unread_places(kind.item_type, f"{column}[*].value")
    elif types.is_struct(kind):
        for index in range(kind.num_fields):
            yield from unread_places(kind.field(index).type, f"{column}.{kind.field(index).name}")
    elif kind.num_fields:
        yield from unread_places(kind.value_type, f"{column}[*]")
    elif not (is_text(kind) or types.is_boolean(kind) or types.is_null(kind)):
        yield column


def texts_of(value: Any, column: str) -> Iterator[tuple[str, str]]:
    """The texts of `value`, each behind the name of its place in `column`, such as messages[*].content."""
    if isinstance(value, str):
        yield column, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts_of(item, f"{column}.{name}")
    elif isinstance(value, tuple):  # of a map
        for name, item in zip(("key", "value"), value, strict=True):
            yield from texts_of(item, f"{column}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item, f"{column}[*]")


def with_texts(value: Any, texts: Iterator[str]) -> Any:
    """`value` with the next ones of `texts` in the places of its own."""
    if isinstance(value, str):
        return next(texts)
    if isinstance(value, dict):
        return {name: with_texts(item, texts) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(with_texts(item, texts) for item in value)
    return value
