"""Ranges of keys, by which a table is cut: they can be written, and are conditions of statements."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from serving.scan.parts import ReadError

_READERS: Mapping[str, Callable[[str], Any]] = {
    "int": int,
    "str": str,
    "float": float,
    "bytes": bytes.fromhex,
    "Decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "UUID": UUID,
}
"""Values of keys by the names of their types, from how they are written."""
Key = Sequence[Any]
"""The values of the columns of a key."""


def is_key_type(kind: Any) -> bool:
    """Whether a key of the type `kind` of SQLAlchemy can be cut into ranges."""
    from sqlalchemy import Date, DateTime, Float, Integer, LargeBinary, Numeric, String, Uuid

    return isinstance(kind, Integer | String | Float | Numeric | LargeBinary | Date | DateTime | Uuid)


def key_range(after: Key | None, keys: Sequence[Key]) -> str:
    """The range of keys behind `after`, or from the first one, to the last of `keys`, which are in it, as a text.

    Other keys within the same bounds make another text. Raises ReadError for a value that cannot be written.
    """
    digest = hashlib.sha256(repr([tuple(key) for key in keys]).encode(errors="replace")).hexdigest()[:16]
    return json.dumps([None if after is None else _written(after), _written(keys[-1]), digest])


def range_without_keys() -> str:
    """All rows, as a text that is another one each time, since nothing says whether they are the same rows."""
    return json.dumps([None, None, uuid4().hex])


def key_text(key: Key) -> str:
    """`key` as people read it: the value, or a list of JSON where it has several."""
    texts = [value.hex() if isinstance(value, bytes) else str(value) for value in key]
    return texts[0] if len(texts) == 1 else json.dumps(texts, ensure_ascii=False)


def within(columns: Sequence[Any], written: str) -> list[Any]:
    """The conditions that the key of the clauses `columns` is in the range `written`."""
    from sqlalchemy import literal, tuple_

    def side(values: Sequence[Any]) -> Any:
        return values[0] if len(values) == 1 else tuple_(*values)

    def bound(key: Sequence[tuple[str, str]]) -> Any:
        pairs = zip(columns, key, strict=True)
        return side([literal(_READERS[name](text), column.type) for column, (name, text) in pairs])

    after, last, _ = json.loads(written)
    behind = [] if after is None else [side(columns) > bound(after)]
    return behind if last is None else [*behind, side(columns) <= bound(last)]


def _written(key: Key) -> list[tuple[str, str]]:
    names = [type(value).__name__ for value in key]
    if unknown := [name for name in names if name not in _READERS]:
        raise ReadError(f"its key has a value of the type {unknown[0]}")
    return [(name, value.hex() if name == "bytes" else str(value)) for name, value in zip(names, key, strict=True)]
