"""Recipes: a YAML file of settings, shipped with the package or a user's, with `key.key=value` changes on top."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from schemas.errors import DataError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Model = TypeVar("Model", covariant=True)
"""What a recipe becomes."""


class RecipeModel(Protocol[Model]):
    """The part of a pydantic model class that is used here."""

    def model_validate(self, fields: dict[str, Any], /) -> Model:
        """The recipe with `fields`; raises pydantic's ValidationError, a ValueError with a list of errors."""
        ...


def read_recipe(name: str, shipped: Traversable, overrides: Sequence[str], model: RecipeModel[Model]) -> Model:
    """Recipe `name` (a file `NAME.yaml` of the folder `shipped`, or a path), changed by `overrides`, as a `model`.

    Raises DataError, which names the file, key or override, for a file that cannot be read, an override that is none,
    or fields that `model` refuses.
    """
    try:
        fields = _parsed(_read(name, shipped))
    except ValueError as error:
        raise DataError(f"{name}: not valid YAML: {error}") from None
    if not isinstance(fields, dict):
        raise DataError(f"{name}: a recipe must map keys to values")
    return overridden(name, fields, overrides, model)


def overridden(name: str, fields: dict[str, Any], overrides: Sequence[str], model: RecipeModel[Model]) -> Model:
    """`fields`, changed by `overrides`, as a `model`.

    Raises DataError, which names the key or override, and `name` for fields that `model` refuses.
    """
    for override in overrides:
        _apply(fields, override)
    try:
        return model.model_validate(fields)
    except ValueError as error:
        raise DataError(f"{name}: {_first_fault(error)}") from None


def _parsed(text: str) -> Any:
    """The value of a text of YAML. Raises ValueError for any other, and for a date that does not exist."""
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(error) from None


def _first_fault(error: Any) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place + ': ' if place else ''}{first['msg'].removeprefix('Value error, ')}"


def _read(name: str, shipped: Traversable) -> str:
    known = sorted(file.name.removesuffix(".yaml") for file in shipped.iterdir() if file.name.endswith(".yaml"))
    if name in known:
        return (shipped / f"{name}.yaml").read_text(encoding="utf-8")
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{name}: neither a shipped recipe ({', '.join(known)}) nor a readable file: {error}") from None


def _apply(fields: dict[str, Any], override: str) -> None:
    key, separator, value = override.partition("=")
    *parents, last = key.split(".")
    for parent in parents:
        inner = fields.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise DataError(f"{override}: {parent} has no keys")
        fields = inner
    if not separator or not last:
        raise DataError(f"{override}: expected key=value")
    try:
        fields[last] = _parsed(value)
    except ValueError:
        raise DataError(f"{override}: the value is not valid YAML") from None
