"""Rules of the caller as JSON: fields of a request, or a file of the command line."""

from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from schemas.errors import DataError, UnknownTypeError
from schemas.taxonomy import ALL_TYPES, EntityType
from serving.engines.custom_rules import CustomRules, CustomRulesError, compile_allowed, compile_patterns
from serving.service.models.errors import shown_location

MAX_VALUES, MAX_PATTERNS = 1_000, 50
"""Most values and patterns of the caller in one request."""
_MAX_OWN_TYPES = 50
"""Most types of the caller's own."""
MAX_VALUE_CHARACTERS = 1_000
"""Most characters of one of them."""


class StrictRequest(BaseModel):
    """Refuses unknown fields and wrong types, without quoting them."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


def _named(name: object) -> EntityType:
    try:
        return EntityType.named(name if isinstance(name, str) else "")
    except UnknownTypeError as error:
        raise PydanticCustomError("type_name", "{reason}", {"reason": str(error)}) from None


TYPE_NAME_SCHEMA = {"type": "string", "description": "A type of the taxonomy, or a name of one's own."}
TypeName = Annotated[EntityType, PlainValidator(_named), WithJsonSchema({**TYPE_NAME_SCHEMA, "examples": ["项目代号"]})]
CustomValue = Annotated[str, Field(min_length=1, max_length=MAX_VALUE_CHARACTERS)]


class DeniedValue(StrictRequest):
    """A value that is always marked."""

    type: TypeName
    value: CustomValue = Field(repr=False)


class PatternRule(StrictRequest):
    """What values look like, in the syntax of RE2: the whole match, or the pattern's one group."""

    type: TypeName
    pattern: CustomValue = Field(repr=False, examples=["工号[:：](\\d{6})"], json_schema_extra={"format": "re2"})


class CustomRulesFields(StrictRequest):
    """What the caller knows of the texts; it holds whatever types and scores are asked for."""

    allow: list[CustomValue] = Field([], max_length=MAX_VALUES, repr=False, description="Values that are never marked.")
    allow_patterns: list[CustomValue] = Field(
        [],
        max_length=MAX_PATTERNS,
        repr=False,
        description="Patterns (RE2); a value in which one matches, in capital or small letters, is never marked.",
        examples=[["@corp\\.com$"]],
    )
    deny: list[DeniedValue] = Field([], max_length=MAX_VALUES, description="Values that are always marked.")
    patterns: list[PatternRule] = Field([], max_length=MAX_PATTERNS, description="What further values look like.")

    @property
    def rule_types(self) -> set[EntityType]:
        """The types that they mark."""
        return {row.type for row in self.deny} | {row.type for row in self.patterns}

    @property
    def custom_rules(self) -> CustomRules:
        """All of them, compiled. Raises CustomRulesError for a pattern that is not RE2, and for too many own types."""
        if len(self.rule_types - {*ALL_TYPES}) > _MAX_OWN_TYPES:
            raise CustomRulesError(f"more than {_MAX_OWN_TYPES} types outside the taxonomy", "deny")
        deny = {row.value: row.type for row in self.deny}
        patterns = compile_patterns((row.type, row.pattern) for row in self.patterns)
        rows = enumerate(self.allow_patterns)
        allowed = [compile_allowed(f"(?i){text}", "allow_patterns", row) for row, text in rows]
        return CustomRules.of(self.allow, deny, patterns, allowed)


class _UnlimitedRules(CustomRulesFields):
    """The same without limits to the number of values and patterns: nobody else waits for them."""

    allow: list[CustomValue] = []
    allow_patterns: list[CustomValue] = []
    deny: list[DeniedValue] = []
    patterns: list[PatternRule] = []


def custom_rules_of(fields: Mapping[str, Any]) -> CustomRules:
    """The rules in the fields of `CustomRulesFields`, of any number.

    Raises DataError, which names the field and quotes no value.
    """
    return _read(lambda: _UnlimitedRules.model_validate(fields), "")


def read_custom_rules(path: Path) -> CustomRules:
    """The rules in a JSON file. Raises DataError, which names file and field and quotes no value."""
    try:
        content = path.read_bytes().removeprefix(BOM_UTF8)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    return _read(lambda: _UnlimitedRules.model_validate_json(content), f"{path}: ")


def _read(validate: Callable[[], CustomRulesFields], name: str) -> CustomRules:
    """The rules that `validate` gives; `name` begins the message of a DataError."""
    try:
        return validate().custom_rules
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, shown_location(fault)))
        raise DataError(f"{name}{field and f'{field}: '}{fault['msg']}") from None
    except CustomRulesError as error:
        raise DataError(f"{name}{'.'.join(map(str, error.field))}: {error}") from None
