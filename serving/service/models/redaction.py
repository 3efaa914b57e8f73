"""Requests and responses of redaction."""

import json
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, JsonValue, WithJsonSchema

from schemas.per_type import PerType
from serving.redaction.operators import OPERATORS, OperatorName
from serving.service.models.custom_rules import TYPE_NAME_SCHEMA, StrictRequest
from serving.service.models.detection import MAX_TEXTS, DetectionFields, TextFields, WholeText
from serving.service.models.per_type import OneForEachType

_MAX_TOKEN_CHARACTERS = 16 * 1024 * 1024
_KEEP = "Letters and digits at the end of a value that a mask shows; half of them at most."
_REVERSIBLE = (
    "Whether to return a token with which /restore puts the values back. Without one, hashes of one value are equal in "
    "all its spellings."
)
_TOKEN = "The token of an earlier redaction: its stand-ins go on, and a new token is returned."  # noqa: S105


def _integer(value: object) -> object:
    """In JSON Schema 4.0 is an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Style = Annotated[
    PerType[OperatorName],
    OneForEachType(
        "pseudonym",
        f"one of {', '.join(OPERATORS)}",
        lambda value: isinstance(value, str) and value in OPERATORS,
        {"type": "string", "enum": [*OPERATORS]},
        own_types=True,
    ),
]


def _written(value: JsonValue) -> str:
    """Refuse NaN, numbers beyond Python's own and lone surrogates, which Python reads, but no answer could have."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    text.encode()
    return text


JsonText = Annotated[str, BeforeValidator(_written), WithJsonSchema({})]
"""Any value of JSON in a request, as its text."""


class RedactionFields(DetectionFields):
    """How to redact."""

    style: Style = Field(
        "pseudonym", validate_default=True, description="What stands in the place of a value; one, or one by type."
    )
    keep: Annotated[int, BeforeValidator(_integer)] = Field(0, ge=0, le=100, description=_KEEP)
    reversible: bool = Field(False, description=_REVERSIBLE)
    token: str | None = Field(None, repr=False, max_length=_MAX_TOKEN_CHARACTERS, description=_TOKEN)


class RedactRequest(RedactionFields, TextFields):
    """One text; the text stays out of `repr`."""


class RedactBatchRequest(RedactionFields):
    """Several texts; they stay out of `repr`."""

    texts: list[str] = Field(repr=False, max_length=MAX_TEXTS, examples=[["我叫张三", "张三的电话13800138000"]])


class RedactJsonRequest(RedactionFields):
    """A value of JSON; it stays out of `repr`."""

    json_text: JsonText = Field(alias="json", repr=False, examples=[{"name": "张三", "phones": [13800138000]}])


class RedactJsonResponse(BaseModel):
    """The value with stand-ins and, where asked for, the sealed way back."""

    json_value: JsonValue = Field(alias="json", repr=False)
    token: str | None = Field(repr=False)


class StandInEntity(BaseModel):
    """A stand-in; `start` and `end` count units of `offset_unit` in the redacted text."""

    type: str = Field(json_schema_extra={**TYPE_NAME_SCHEMA})
    start: int = Field(ge=0)
    end: int = Field(ge=1)


class RedactedText(BaseModel):
    """A redacted text, and where its stand-ins are."""

    text: str = Field(repr=False)
    entities: list[StandInEntity]


class RedactResponse(RedactedText):
    """A redacted text and, where asked for, the sealed way back."""

    token: str | None = Field(repr=False)


class RedactBatchResponse(BaseModel):
    """One result a text, in order, and one token for all where asked for."""

    results: list[RedactedText]
    token: str | None = Field(repr=False)


class RestoreRequest(StrictRequest):
    """A text with stand-ins, as it was or as a model answered, and the token of the redaction."""

    text: WholeText = Field(repr=False)
    token: str = Field(repr=False, max_length=_MAX_TOKEN_CHARACTERS)


class RestoreResponse(BaseModel):
    """The text with the values."""

    text: str = Field(repr=False)
    unrestored: int = Field(ge=0, description="How many parts of the text read like stand-ins but have no value.")


class RestoreJsonRequest(StrictRequest):
    """A value of JSON with stand-ins, and the token of the redaction."""

    json_text: JsonText = Field(alias="json", repr=False)
    token: str = Field(repr=False, max_length=_MAX_TOKEN_CHARACTERS)


class RestoreJsonResponse(BaseModel):
    """The value of JSON with the personal values."""

    json_value: JsonValue = Field(alias="json", repr=False)
    unrestored: int = Field(ge=0, description="How many parts of its strings read like stand-ins but have no value.")
