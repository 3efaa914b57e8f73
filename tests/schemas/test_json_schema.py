"""The JSON Schemas: valid themselves, closed, made from the taxonomy."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from schemas.json_schema import answer_schema, record_schema, response_schema
from schemas.taxonomy import ALL_TYPES, EntityType

SCHEMAS = {"record": record_schema(), "answer": answer_schema(), "response": response_schema()}

each_schema = pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object schema within `schema`."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from objects(inner)


@each_schema
def test_schemas_are_valid_draft_2020_12(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@each_schema
def test_every_object_is_closed_and_requires_all_its_keys(schema: dict[str, Any]) -> None:
    found = [inner for inner in objects(schema) if "properties" in inner]
    assert len(found) == 2
    assert all(inner["additionalProperties"] is False for inner in found)
    assert all(inner["required"] == list(inner["properties"]) for inner in found)


@each_schema
def test_entities_have_every_type_of_the_taxonomy(schema: dict[str, Any]) -> None:
    entity = schema["properties"]["entities"]["items"]
    assert entity["properties"]["type"]["enum"] == [str(kind) for kind in ALL_TYPES]


def test_an_answer_may_only_hold_the_types_asked_for() -> None:
    validator = Draft202012Validator(answer_schema([EntityType.EMAIL]))
    validator.validate({"entities": [{"type": "EMAIL", "value": "a@b.cn"}]})
    with pytest.raises(ValidationError):
        validator.validate({"entities": [{"type": "URL", "value": "b.cn"}]})


@pytest.mark.parametrize(
    "change",
    [{"score": 1.5}, {"score": "1"}, {"source": "llm"}, {"validated": "yes"}, {"start": -1}, {"end": 0}, {"value": ""}],
    ids=str,
)
def test_a_response_with_a_wrong_value_is_refused(change: dict[str, object]) -> None:
    found = {
        "type": "EMAIL",
        "value": "a@b.cn",
        "start": 0,
        "end": 6,
        "score": 1.0,
        "source": "rule",
        "validated": None,
    }
    validator = Draft202012Validator(response_schema())
    assert validator.is_valid({"entities": [found]})
    assert not validator.is_valid({"entities": [{**found, **change}]})


def test_callers_get_schemas_of_their_own() -> None:
    answer_schema()["properties"].clear()
    assert answer_schema() == SCHEMAS["answer"]
