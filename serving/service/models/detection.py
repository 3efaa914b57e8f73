"""Requests and responses of detection."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.spans.prediction import Source
from schemas.taxonomy import EntityType, parse_types
from serving.engines.detection_options import DetectionOptions, OperatingPoint
from serving.service.models.custom_rules import CustomRulesFields, TypeName
from serving.service.offsets import OffsetUnit

MAX_TEXTS = 10_000
"""Most texts in one batch."""
MAX_TYPES = 100
"""Most type names in one request."""


class DetectionFields(CustomRulesFields):
    """What to look for."""

    types: list[TypeName] | None = Field(
        None,
        max_length=MAX_TYPES,
        description="Types to look for; those that are on by default when left out.",
        examples=[["PHONE_NUMBER"]],
    )
    min_score: float = Field(0.0, ge=0, le=1, description="Entities scored below this are left out.")
    operating_point: OperatingPoint = Field("balanced", description="Whether to find more, or to be wrong less often.")
    repeated_names: bool = Field(True, description="Whether names found once are marked wherever else they stand.")
    offset_unit: OffsetUnit = Field("code_point", description="What `start` and `end` of the answer count.")

    @property
    def options(self) -> DetectionOptions:
        """The same for an engine. Raises CustomRulesError for a pattern that is not RE2."""
        types = None if self.types is None else parse_types(self.types)
        return DetectionOptions(types, self.min_score, self.operating_point, self.custom_rules, self.repeated_names)


class DetectRequest(DetectionFields):
    """One text; the text stays out of `repr`."""

    text: str = Field(repr=False, examples=["我叫张三，电话13800138000"])

    @property
    def fields_beside_text(self) -> dict[str, Any]:
        """All fields but the text, to compare requests by."""
        return self.model_dump(exclude={"text"})


class BatchRequest(DetectionFields):
    """Several texts; they stay out of `repr`."""

    texts: list[str] = Field(repr=False, max_length=MAX_TEXTS, examples=[["我叫张三", "call me at 13800138000"]])


class FoundEntity(BaseModel):
    """One entity; `start` and `end` count units of `offset_unit`, half-open, and `value` stands between them."""

    model_config = ConfigDict(extra="forbid")

    type: EntityType
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
