"""The HTTP service's requests and responses: what is validated, and what `/openapi.json` says."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import DataError
from schemas.spans.prediction import Source
from schemas.taxonomy import EntityType, Sensitivity
from serving.engines.custom_rules import CustomRules, CustomRulesError, compile_patterns
from serving.service.detection_service import OperatingPoint, Search
from serving.service.offsets import OffsetUnit

MAX_TEXTS = 10_000
"""Most texts in one batch."""
MAX_TYPES = 100
"""Most type names in one request."""
MAX_VALUES, MAX_PATTERNS = 1_000, 50
"""Most values and patterns of the caller's own in one request."""
MAX_VALUE = 1_000
"""Most characters of one of them."""


class StrictRequest(BaseModel):
    """Refuses unknown fields and wrong types, without quoting them."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


TypeName = Annotated[EntityType, Field(strict=False)]
OwnValue = Annotated[str, Field(min_length=1, max_length=MAX_VALUE)]


class DeniedValue(StrictRequest):
    """A value that is always marked."""

    type: TypeName
    value: OwnValue = Field(repr=False)


class PatternRule(StrictRequest):
    """What values look like, in the syntax of RE2: the whole match, or the pattern's one group."""

    type: TypeName
    pattern: OwnValue = Field(repr=False, examples=["工号[:：](\\d{6})"], json_schema_extra={"format": "re2"})


class OwnOptions(StrictRequest):
    """What the caller knows of the texts; it holds whatever types and scores are asked for."""

    allow: list[OwnValue] = Field([], max_length=MAX_VALUES, repr=False, description="Values that are never marked.")
    deny: list[DeniedValue] = Field([], max_length=MAX_VALUES, description="Values that are always marked.")
    patterns: list[PatternRule] = Field([], max_length=MAX_PATTERNS, description="What further values look like.")

    @property
    def rules(self) -> CustomRules:
        """All of it, ready to be applied. Raises CustomRulesError for a pattern that is none."""
        deny = {row.value: row.type for row in self.deny}
        return CustomRules.of(self.allow, deny, compile_patterns((row.type, row.pattern) for row in self.patterns))


class _OwnFile(OwnOptions):
    """As many as there are: nobody else waits for them."""

    allow: list[OwnValue] = []
    deny: list[DeniedValue] = []
    patterns: list[PatternRule] = []


def read_custom_rules(path: Path) -> CustomRules:
    """The rules in a JSON file of the fields of `OwnOptions`, as many as there are.

    Raises DataError, which names file and field and quotes no value.
    """
    try:
        return _OwnFile.model_validate_json(path.read_bytes()).rules
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"])) if fault["type"] != "extra_forbidden" else ""
        raise DataError(f"{path}:{place and f' {place}:'} {fault['msg']}") from None
    except CustomRulesError as error:
        raise DataError(f"{path}: {'.'.join(map(str, error.field))}: {error}") from None


class DetectOptions(OwnOptions):
    """What to look for."""

    types: list[TypeName] | None = Field(
        None,
        max_length=MAX_TYPES,
        description="Types to look for; those that are on by default when left out.",
        examples=[["PHONE_NUMBER"]],
    )
    min_score: float = Field(0.0, ge=0, le=1, description="Entities scored below this are left out.")
    operating_point: OperatingPoint = Field("balanced", description="Whether to find more, or to be wrong less often.")
    offset_unit: OffsetUnit = Field("code_point", description="What `start` and `end` of the answer count.")

    @property
    def search(self) -> Search:
        """What the detector is asked for."""
        return Search(self.types, self.min_score, self.operating_point, self.rules)


class DetectRequest(DetectOptions):
    """One text; the text stays out of `repr`."""

    text: str = Field(repr=False, examples=["我叫张三，电话13800138000"])

    @property
    def options(self) -> dict[str, Any]:
        """All but the text."""
        return self.model_dump(exclude={"text"})


class BatchRequest(DetectOptions):
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
