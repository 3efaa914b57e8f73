"""Requests and responses of detection."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.per_type import PerType
from schemas.spans.prediction import Source
from schemas.taxonomy import EntityType, parse_types
from schemas.text.text import check_text
from serving.engines.detection_options import DetectionOptions, OperatingPoint
from serving.service.models.custom_rules import TYPE_NAME_SCHEMA, CustomRulesFields
from serving.service.models.per_type import OneForEachType
from serving.service.offsets import OffsetUnit

MAX_TEXTS = 10_000
"""Most texts in one batch."""
MAX_TYPES = 100
"""Most type names in one request."""


def _is_score(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


MinScore = Annotated[
    PerType[float],
    OneForEachType(0.0, "a number from 0 to 1", _is_score, {"type": "number", "minimum": 0, "maximum": 1}),
]


class DetectionFields(CustomRulesFields):
    """What to look for."""

    types: list[Annotated[EntityType, Field(strict=False)] | Literal["ALL"]] | None = Field(
        None,
        max_length=MAX_TYPES,
        description="Types to look for, or ALL; those that are on by default when left out.",
        examples=[["PHONE_NUMBER"]],
    )
    min_score: MinScore = Field(
        0.0, validate_default=True, description="Entities scored below this are left out; one score, or one by type."
    )
    operating_point: OperatingPoint = Field("balanced", description="Whether to find more, or to be wrong less often.")
    repeated_names: bool = Field(True, description="Whether names found once are marked wherever else they stand.")
    detector: str | None = Field(
        None, max_length=100, description="Name of another detector of this service (`pii-sft serve --also`)."
    )
    offset_unit: OffsetUnit = Field("code_point", description="What `start` and `end` of the answer count.")

    @property
    def options(self) -> DetectionOptions:
        """The same for an engine. Raises CustomRulesError for a pattern that is not RE2."""
        types = None if self.types is None else parse_types(self.types)
        return DetectionOptions(types, self.min_score, self.operating_point, self.custom_rules, self.repeated_names)


def _checked(text: str) -> str:
    check_text(text)
    return text


WholeText = Annotated[str, AfterValidator(_checked)]
"""A text that no engine checks. Raises InvalidTextError for half a character, which no answer could have."""


class TextFields(DetectionFields):
    """One text, and what to look for in it; the text stays out of `repr`."""

    text: str = Field(repr=False, examples=["我叫张三，电话13800138000"])

    @property
    def fields_beside_text(self) -> dict[str, Any]:
        """All fields but the text, to compare requests by."""
        return self.model_dump(exclude={"text"})


class DetectRequest(TextFields):
    """One text; the text stays out of `repr`."""


class BatchRequest(DetectionFields):
    """Several texts; they stay out of `repr`."""

    texts: list[str] = Field(repr=False, max_length=MAX_TEXTS, examples=[["我叫张三", "call me at 13800138000"]])


class FoundEntity(BaseModel):
    """One entity; `start` and `end` count units of `offset_unit`, half-open, and `value` stands between them."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(json_schema_extra={**TYPE_NAME_SCHEMA})
    value: str = Field(min_length=1, repr=False)
    start: int = Field(ge=0)
    end: int = Field(ge=1)
    score: float = Field(ge=0, le=1)
    source: Source = Field(description="Who found it: the model, a rule, both, or a name found elsewhere in the text.")
    validated: bool | None = Field(description="Whether its type's check passed; null for a type without a check.")


class DetectResponse(BaseModel):
    """The entities of one text, in reading order and without overlap."""

    entities: list[FoundEntity]


class BatchResponse(BaseModel):
    """One result a text, in the order of the texts."""

    results: list[DetectResponse]
