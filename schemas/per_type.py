"""A value for each entity type: one for all of them, or some types with values of their own."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from schemas.errors import UnknownTypeError
from schemas.taxonomy import ALL_TYPES, DEFAULT, EntityType

Value = TypeVar("Value")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class PerType(Generic[Value]):
    """`default` for every type but those in `own`."""

    default: Value
    own: Mapping[EntityType, Value] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        value: "Value | Mapping[str, Value] | PerType[Value]",
        default: Value,
        types: Collection[EntityType] = ALL_TYPES,
    ) -> "PerType[Value]":
        """From one value for all types, or from values by name, `DEFAULT` being that of all others.

        Where no value is named `DEFAULT`, it is `default`. Raises UnknownTypeError for a name outside `types`.
        """
        if isinstance(value, PerType):
            return value
        if not isinstance(value, Mapping):
            return cls(value)
        unknown = sorted(set(value) - {DEFAULT} - set(types))
        if unknown:
            raise UnknownTypeError(f"unknown entity types {unknown!r}; valid types: {', '.join([*types, DEFAULT])}")
        own = {EntityType.named(name): given for name, given in value.items() if name != DEFAULT}
        return cls(value.get(DEFAULT, default), own)

    def __getitem__(self, kind: EntityType) -> Value:
        return self.own.get(kind, self.default)

    def __iter__(self) -> Iterator[Value]:
        yield self.default
        yield from self.own.values()

    def map(self, change: Callable[[Value], Other]) -> "PerType[Other]":
        """What `change` makes of each value."""
        return PerType(change(self.default), {kind: change(value) for kind, value in self.own.items()})
