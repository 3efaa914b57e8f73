"""The taxonomy as JSON, and JSON Schemas (draft 2020-12) of the dataset record, the LLM's answer and the response."""

from collections.abc import Sequence
from typing import Any, get_args

from schemas.spans.prediction import Source
from schemas.taxonomy import ALL_TYPES, EntityType

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_STRING: Schema = {"type": "string"}
_VALUE: Schema = {"type": "string", "minLength": 1}
_SPAN: Schema = {"start": {"type": "integer", "minimum": 0}, "end": {"type": "integer", "minimum": 1}}


def taxonomy_rows() -> list[dict[str, Any]]:
    """The rows of `GET /types` and `pii-sft types`: one JSON-ready object per type, in the taxonomy's order."""
    return [
        {
            "name": str(kind),
            "zh": kind.info.zh,
            "description": kind.info.description,
            "example": kind.info.example,
            "sensitivity": str(kind.info.sensitivity),
            "default": kind.info.default,
        }
        for kind in EntityType
    ]


def record_schema() -> Schema:
    """The schema of a dataset record, as `schemas.spans.record.to_record` writes it."""
    entity = _object({"type": _type(ALL_TYPES), "value": _VALUE, **_SPAN})
    types = {"type": "array", "items": _type(ALL_TYPES), "uniqueItems": True}
    strings = {"id": _STRING, "text": _STRING, "source": _STRING, "family": _STRING}
    slices = {"type": "object", "additionalProperties": _STRING}
    return {"$schema": DIALECT, **_object({**strings, "types": types, "slices": slices, "entities": _array(entity)})}


def row_schema() -> Schema:
    """The schema of a dataset's row, as `schemas.llm.alpaca.to_row` writes it: a record and its Alpaca form."""
    record = record_schema()
    alpaca = dict.fromkeys(("instruction", "input", "output"), _STRING)
    return {"$schema": DIALECT, **_object({**record["properties"], **alpaca})}


def answer_schema(types: Sequence[EntityType] = ALL_TYPES) -> Schema:
    """The schema of an LLM's answer about `types`, as `schemas.llm.codec.encode_answer` writes it."""
    return _document({"type": _type(types), "value": _VALUE})


def response_schema() -> Schema:
    """The schema of a response, as `schemas.spans.prediction.Prediction.to_dict` writes taxonomy types."""
    detection = {
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "source": {"type": "string", "enum": list(get_args(Source))},
        "validated": {"type": ["boolean", "null"]},
    }
    return _document({"type": _type(ALL_TYPES), "value": _VALUE, **_SPAN, **detection})


def _document(entity: Schema) -> Schema:
    return {"$schema": DIALECT, **_object({"entities": _array(_object(entity))})}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _type(types: Sequence[EntityType]) -> Schema:
    return {"type": "string", "enum": [str(kind) for kind in types]}
