"""JSON that is read, and the fields of its objects, checked: errors name the field and quote nothing."""

import json
from collections.abc import Sequence
from typing import Any

from schemas.errors import RecordError
from schemas.taxonomy import EntityType


def parse_json(text: str) -> object:
    """Read one JSON value. Raises RecordError when `text` is not JSON, nests too deep or repeats a key."""
    try:
        return json.loads(text, object_pairs_hook=unique_names)
    except (ValueError, RecursionError):
        raise RecordError("not valid JSON, or a key is repeated") from None


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of `pairs`. Raises ValueError for a name that it has twice, of which JSON would keep the last."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("repeated key")
    return fields


def as_object(value: object, keys: Sequence[str], name: str) -> dict[str, Any]:
    """Return `value` when it is an object with exactly `keys`; raises RecordError that starts with `name`."""
    if not isinstance(value, dict):
        raise RecordError(f"{name}: not an object")
    missing = [key for key in keys if key not in value]
    if missing:
        raise RecordError(f"{name}: missing {', '.join(missing)}")
    if len(value) > len(keys):
        raise RecordError(f"{name}: has other keys than {', '.join(keys)}")
    return value


def as_list(value: object, name: str) -> list[Any]:
    """Return `value` when it is a list; raises RecordError that starts with `name`."""
    if not isinstance(value, list):
        raise RecordError(f"{name}: not a list")
    return value


def as_string(value: object, name: str) -> str:
    """Return `value` when it is a string; raises RecordError that starts with `name`."""
    if not isinstance(value, str):
        raise RecordError(f"{name}: not a string")
    return value


def as_type(value: object, name: str) -> EntityType:
    """Return the entity type named `value`; raises RecordError that starts with `name`."""
    kind = EntityType.__members__.get(as_string(value, name))
    if kind is None:
        raise RecordError(f"{name}: no entity type of the taxonomy")
    return kind
