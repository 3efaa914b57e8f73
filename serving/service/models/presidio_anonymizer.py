"""Requests and responses of Presidio Anonymizer's clients; what would not be honoured is refused.

https://microsoft.github.io/presidio/api-docs/api-docs.html
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from serving.redaction.anonymizers import Anonymizer, Found, Hash, Keep, Mask, Redact, Replace
from serving.service.models.custom_rules import MAX_VALUES, StrictRequest
from serving.service.models.detection import WholeText

_MAX_RESULTS = 10_000
"""Most results that one request anonymizes."""


class AnalyzerResult(StrictRequest):
    """A part of the text to anonymize, as `/analyze` gives it; its explanation and metadata are of no effect."""

    entity_type: str = Field(min_length=1, max_length=100, repr=False)
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    score: float = Field(1.0, ge=0, le=1)
    analysis_explanation: Any = Field(None, repr=False)
    recognition_metadata: Any = Field(None, repr=False)

    @property
    def found(self) -> Found:
        """The same for `serving.redaction.anonymizers`."""
        return Found(self.start, self.end, self.entity_type, self.score)


class ReplaceFields(StrictRequest):
    """Puts `new_value` in the place of a value, `<ENTITY_TYPE>` where it is empty."""

    type: Literal["replace"]
    new_value: str | None = Field(None, max_length=1_000, repr=False)

    @property
    def anonymizer(self) -> Anonymizer:
        """What does it."""
        return Replace(self.new_value or "")


class RedactFields(StrictRequest):
    """Takes a value out."""

    type: Literal["redact"]

    @property
    def anonymizer(self) -> Anonymizer:
        """What does it."""
        return Redact()


class MaskFields(StrictRequest):
    """Puts `masking_char` in the place of `chars_to_mask` characters, at the beginning or the end of a value."""

    type: Literal["mask"]
    masking_char: str = Field(min_length=1, max_length=1, repr=False)
    chars_to_mask: int
    from_end: bool

    @property
    def anonymizer(self) -> Anonymizer:
        """What does it."""
        return Mask(self.masking_char, self.chars_to_mask, self.from_end)


class HashFields(StrictRequest):
    """Puts a digest of value and salt in the place of a value; without `salt` it is random for each."""

    type: Literal["hash"]
    hash_type: Literal["sha256", "sha512"] = "sha256"
    salt: str | None = Field(None, min_length=16, max_length=1_000, repr=False)

    @property
    def anonymizer(self) -> Anonymizer:
        """What does it."""
        return Hash(self.hash_type, None if self.salt is None else self.salt.encode())


class KeepFields(StrictRequest):
    """Leaves a value as it is."""

    type: Literal["keep"]

    @property
    def anonymizer(self) -> Anonymizer:
        """What does it."""
        return Keep()


ANONYMIZERS = ("hash", "keep", "mask", "redact", "replace")
"""What `/anonymize` does."""
AnonymizerFields = Annotated[
    Annotated[ReplaceFields, Tag("replace")]
    | Annotated[RedactFields, Tag("redact")]
    | Annotated[MaskFields, Tag("mask")]
    | Annotated[HashFields, Tag("hash")]
    | Annotated[KeepFields, Tag("keep")],
    Discriminator(
        lambda value: value.get("type") if isinstance(value, dict) else None,
        custom_error_type="anonymizer",
        custom_error_message=f"not an object with a type of {', '.join(ANONYMIZERS)}",
    ),
]


class AnonymizeRequest(StrictRequest):
    """A text, what `/analyze` found in it, and an anonymizer by type, that of `DEFAULT` for all others."""

    text: WholeText = Field(repr=False)
    analyzer_results: list[AnalyzerResult] = Field(max_length=_MAX_RESULTS)
    anonymizers: dict[str, AnonymizerFields] | None = Field(None, max_length=MAX_VALUES, repr=False)


class AnonymizedItem(BaseModel):
    """A part of the anonymized text, and what put it there."""

    start: int
    end: int
    entity_type: str
    text: str = Field(repr=False)
    operator: str


class AnonymizeResponse(BaseModel):
    """The anonymized text; its items are in the order of Presidio's, the last first."""

    text: str = Field(repr=False)
    items: list[AnonymizedItem]
