"""The HTTP service's requests and responses: what is validated, and what `/openapi.json` says."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.prediction import Source
from schemas.taxonomy import EntityType, Sensitivity

MAX_TEXTS = 10_000
"""Most texts in one batch."""
MAX_TYPES = 100
"""Most type names in one request."""


class StrictRequest(BaseModel):
    """Refuses unknown fields and wrong types, without quoting them."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class DetectOptions(StrictRequest):
    """What to look for."""

    types: list[Annotated[EntityType, Field(strict=False)]] | None = Field(
        None,
        max_length=MAX_TYPES,
        description="Types to look for; those that are on by default when left out.",
        examples=[["PHONE_NUMBER"]],
    )
    min_score: float = Field(0.0, ge=0, le=1, description="Entities scored below this are left out.")


class DetectRequest(DetectOptions):
    """One text; the text stays out of `repr`."""

    text: str = Field(repr=False, examples=["我叫张三，电话13800138000"])


class BatchRequest(DetectOptions):
    """Several texts; they stay out of `repr`."""

    texts: list[str] = Field(repr=False, max_length=MAX_TEXTS, examples=[["我叫张三", "call me at 13800138000"]])


class FoundEntity(BaseModel):
    """One entity; `start` and `end` count Unicode code points, half-open, and `value` is what stands between them."""

    model_config = ConfigDict(extra="forbid")

    type: EntityType
    value: str = Field(min_length=1, repr=False)
    start: int = Field(ge=0)
    end: int = Field(ge=1)
    score: float = Field(ge=0, le=1)
    source: Source = Field(description="Who found it: the model, a rule, or both.")
    validated: bool | None = Field(description="Whether its type's check passed; null for a type without a check.")


class DetectResponse(BaseModel):
    """The entities of one text, in reading order and without overlap."""

    entities: list[FoundEntity]


class BatchResponse(BaseModel):
    """One result a text, in the order of the texts."""

    results: list[DetectResponse]


class TypeRow(BaseModel):
    """One entity type; `default` says whether it is looked for when a request names no types."""

    name: EntityType
    zh: str
    description: str
    example: str
    sensitivity: Sensitivity
    default: bool


class TypesResponse(BaseModel):
    """The taxonomy."""

    types: list[TypeRow]


class Health(BaseModel):
    """That the service is up, and the version of the package."""

    status: str = Field(examples=["ok"])
    version: str


class Problem(BaseModel):
    """Why a request was refused or failed; never quotes the request."""

    detail: str


class Fault(BaseModel):
    """One fault of a request: its place, a message and pydantic's name for the kind of fault."""

    loc: list[str | int]
    msg: str
    type: str


class InvalidRequest(BaseModel):
    """All faults of a request; never quotes it."""

    detail: list[Fault]
