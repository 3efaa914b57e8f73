"""What is wrong with a row by its JSON Schema, in sentences that name the path and never quote a value."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from schemas.json_schema import record_schema, row_schema
from schemas.spans.record import ALPACA_KEYS

_TYPES = {"object": "an object", "array": "a list", "string": "a string", "integer": "an integer"}


def schema_faults(row: object) -> list[str]:
    """A sentence for each place of a dataset's row (its JSON value) that breaks its schema in `schemas.json_schema`.

    That is `row_schema` for a row with a key of the Alpaca form, else `record_schema`. A sentence begins with the path:
    `entities[0].start: less than 0`; that of the row itself is `record`.
    """
    has_alpaca = isinstance(row, dict) and not row.keys().isdisjoint(ALPACA_KEYS)
    errors = sorted(_validator(has_alpaca).iter_errors(row), key=lambda error: list(map(str, error.absolute_path)))
    return list(dict.fromkeys(f"{_path(error)}: {_reason(error)}" for error in errors))


@cache
def _validator(has_alpaca: bool) -> Draft202012Validator:
    return Draft202012Validator(row_schema() if has_alpaca else record_schema())


def _path(error: ValidationError) -> str:
    return error.json_path.removeprefix("$").removeprefix(".") or "record"


def _reason(error: ValidationError) -> str:
    limit: Any = error.validator_value
    schema: Any = error.schema
    value: Any = error.instance
    match error.validator:
        case "type":
            return f"not {_TYPES[limit]}"
        case "required":
            return f"missing {', '.join(key for key in limit if key not in value)}"
        case "additionalProperties":
            return f"has other keys than {', '.join(schema['properties'])}"
        case "enum":
            return "no entity type of the taxonomy"
        case "uniqueItems":
            return "an item is repeated"
        case "minLength":
            return "empty"
    return f"less than {limit}"
