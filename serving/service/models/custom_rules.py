"""Rules of the caller as JSON: fields of a request, or a file of the command line."""

from codecs import BOM_UTF8
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import DataError
from schemas.taxonomy import EntityType
from serving.engines.custom_rules import CustomRules, CustomRulesError, compile_patterns

MAX_VALUES, MAX_PATTERNS = 1_000, 50
"""Most values and patterns of the caller in one request."""
MAX_VALUE_CHARACTERS = 1_000
"""Most characters of one of them."""


class StrictRequest(BaseModel):
    """Refuses unknown fields and wrong types, without quoting them."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


TypeName = Annotated[EntityType, Field(strict=False)]
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
    deny: list[DeniedValue] = Field([], max_length=MAX_VALUES, description="Values that are always marked.")
    patterns: list[PatternRule] = Field([], max_length=MAX_PATTERNS, description="What further values look like.")

    @property
    def custom_rules(self) -> CustomRules:
        """All of them, compiled. Raises CustomRulesError for a pattern that is not RE2."""
        deny = {row.value: row.type for row in self.deny}
        return CustomRules.of(self.allow, deny, compile_patterns((row.type, row.pattern) for row in self.patterns))


class _CustomRulesFile(CustomRulesFields):
    """The same without limits to the number of values and patterns: nobody else waits for them."""

    allow: list[CustomValue] = []
    deny: list[DeniedValue] = []
    patterns: list[PatternRule] = []


def read_custom_rules(path: Path) -> CustomRules:
    """The rules in a JSON file of the fields of `CustomRulesFields`, of any number.

    Raises DataError, which names file and field and quotes no value.
    """
    try:
        return _CustomRulesFile.model_validate_json(path.read_bytes().removeprefix(BOM_UTF8)).custom_rules
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, fault["loc"])) if fault["type"] != "extra_forbidden" else ""
        raise DataError(f"{path}:{field and f' {field}:'} {fault['msg']}") from None
    except CustomRulesError as error:
        raise DataError(f"{path}: {'.'.join(map(str, error.field))}: {error}") from None
