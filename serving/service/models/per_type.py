"""A field that has one value for all types, or an object of values by type."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from schemas.errors import UnknownTypeError
from schemas.per_type import PerType
from schemas.taxonomy import ALL_TYPES, DEFAULT, EntityType


@dataclass(frozen=True, slots=True)
class OneForEachType:
    """Annotates a field of type `PerType`: what a value is, in words, as a test and as a JSON Schema.

    With `own_types` values may also be for types of the caller's own.
    """

    default: Any
    wanted: str
    is_valid: Callable[[object], bool]
    schema: dict[str, Any]
    own_types: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        names = {} if self.own_types else {"propertyNames": {"enum": [*map(str, ALL_TYPES), DEFAULT]}}
        return {"anyOf": [self.schema, {"type": "object", "additionalProperties": self.schema, **names}]}

    def _read(self, value: object) -> PerType[Any]:
        values = value if isinstance(value, dict) else {DEFAULT: value}
        if not all(map(self.is_valid, values.values())):
            by_type = f"or an object of these by type, {DEFAULT} being that of all others"
            raise PydanticCustomError(
                "per_type", "not {wanted}, {by_type}", {"wanted": self.wanted, "by_type": by_type}
            )
        try:
            types = map(EntityType.named, values.keys() - {DEFAULT})
            return PerType.of(values, self.default, [*types] if self.own_types else ALL_TYPES)
        except UnknownTypeError:
            valid = ", ".join([*ALL_TYPES, DEFAULT])
            raise PydanticCustomError("unknown_type", "unknown type; valid types: {valid}", {"valid": valid}) from None
