"""Recipes: a YAML file of settings, shipped with the package or a user's, with `key.key=value` changes on top."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from schemas.errors import DataError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Parse: TypeAlias = Callable[[str], object]
"""Reads YAML; raises ValueError for text that is none."""


def read_recipe(name: str, shipped: Traversable, overrides: Sequence[str], parse: Parse) -> dict[str, Any]:
    """The fields of recipe `name` (a file `NAME.yaml` of the folder `shipped`, or a path), changed by `overrides`.

    Raises DataError, which names the file or the override, for a file that cannot be read or an override that is none.
    """
    try:
        fields = parse(_read(name, shipped))
    except ValueError as error:
        raise DataError(f"{name}: not valid YAML: {error}") from None
    if not isinstance(fields, dict):
        raise DataError(f"{name}: a recipe is a mapping of keys to values")
    for override in overrides:
        _apply(fields, override, parse)
    return fields


def _read(name: str, shipped: Traversable) -> str:
    known = sorted(file.name.removesuffix(".yaml") for file in shipped.iterdir() if file.name.endswith(".yaml"))
    if name in known:
        return (shipped / f"{name}.yaml").read_text(encoding="utf-8")
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{name}: neither a shipped recipe ({', '.join(known)}) nor a readable file: {error}") from None


def _apply(fields: dict[str, Any], override: str, parse: Parse) -> None:
    key, separator, value = override.partition("=")
    *parents, last = key.split(".")
    for parent in parents:
        inner = fields.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise DataError(f"{override}: {parent} holds no keys")
        fields = inner
    if not separator or not last:
        raise DataError(f"{override}: expected key=value")
    try:
        fields[last] = parse(value)
    except ValueError:
        raise DataError(f"{override}: the value is not valid YAML") from None
