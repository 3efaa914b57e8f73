"""Requests and responses of Presidio Analyzer's clients; what would not be honoured is refused.

https://microsoft.github.io/presidio/api-docs/api-docs.html
"""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.taxonomy import EntityType
from schemas.text.fold import fold
from serving.engines.custom_rules import (
    CompiledPattern,
    CustomRules,
    CustomRulesError,
    compile_allowed,
    compile_expression,
)
from serving.service.models.custom_rules import MAX_PATTERNS, MAX_VALUES, CustomValue, StrictRequest, TypeName
from serving.service.models.detection import MAX_TEXTS

_FLAGS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}
_USUAL_FLAGS = int(re.IGNORECASE | re.MULTILINE | re.DOTALL)
_LANGUAGE = r"^(zh|en)([-_][A-Za-z]+)*$"
Score = Annotated[float, Field(ge=0, le=1)]


def type_named(name: str) -> EntityType | None:
    """The type of this name, ours or Presidio's; None where neither has it."""
    return next((kind for kind in EntityType if name in (str(kind), kind.presidio_name)), None)


class AdHocPattern(StrictRequest):
    """What values look like, in the syntax of RE2; the whole match is the value."""

    name: str = Field(repr=False)
    regex: CustomValue = Field(repr=False, json_schema_extra={"format": "re2"})
    score: Score


class AdHocRecognizer(StrictRequest):
    """A recogniser of one request, of which `name` is of no effect.

    A word of `context` in the 40 characters before a value adds 0.35 to its score, which is then 0.4 at least.
    """

    supported_entity: TypeName
    name: str = Field("", repr=False)
    supported_language: str = Field("en", pattern=_LANGUAGE)
    patterns: list[AdHocPattern] = Field([], max_length=MAX_PATTERNS)
    deny_list: list[CustomValue] = Field([], max_length=MAX_VALUES, repr=False)
    deny_list_score: Score = 1.0
    context: list[CustomValue] | None = Field(None, max_length=MAX_VALUES, repr=False)

    @model_validator(mode="after")
    def _finds_something(self) -> "AdHocRecognizer":
        if not (self.patterns or self.deny_list):
            raise PydanticCustomError("recognizer", "needs patterns or a deny_list")
        return self

    @property
    def kind(self) -> EntityType:
        """The type that it marks."""
        return type_named(self.supported_entity) or self.supported_entity

    def compiled(self, row: int) -> list[CompiledPattern]:
        """Its patterns; `row` is its place in the request. Raises CustomRulesError."""
        place = ("ad_hoc_recognizers", row)
        expressions = [
            (compile_expression(f"(?ims){pattern.regex}", *place, "patterns", number, "regex"), pattern.score)
            for number, pattern in enumerate(self.patterns)
        ]
        if self.deny_list:
            words = "|".join(map(_whole_word, sorted(self.deny_list, key=len, reverse=True)))
            expressions.append((compile_expression(f"(?i){words}", *place, "deny_list"), self.deny_list_score))
        context = tuple(fold(word).lower() for word in self.context or ())
        return [CompiledPattern(self.kind, regex, score=score, context=context) for regex, score in expressions]


class AnalyzeRequest(StrictRequest):
    """A text or several. Both languages are always searched; `correlation_id` is of no effect."""

    text: str | Annotated[list[str], Field(max_length=MAX_TEXTS)] = Field(repr=False)
    language: str = Field("zh", pattern=_LANGUAGE)
    entities: list[str] | None = None
    correlation_id: str | None = Field(None, repr=False)
    score_threshold: Score | None = None
    return_decision_process: bool | None = None
    ad_hoc_recognizers: list[AdHocRecognizer] | None = Field(None, max_length=MAX_PATTERNS)
    context: list[str] | None = Field(None, max_length=0, repr=False, description="Not supported.")
    allow_list: list[CustomValue] | None = Field(None, max_length=MAX_VALUES, repr=False)
    allow_list_match: Literal["exact", "regex"] = "exact"
    regex_flags: int = Field(_USUAL_FLAGS, ge=0, description="Python's: IGNORECASE 2, MULTILINE 8 and DOTALL 16.")

    @model_validator(mode="after")
    def _has_few_patterns(self) -> "AnalyzeRequest":
        if sum(len(one.patterns) for one in self.recognizers) > MAX_PATTERNS:
            raise CustomRulesError(f"more than {MAX_PATTERNS} patterns", "ad_hoc_recognizers")
        return self

    @property
    def recognizers(self) -> list[AdHocRecognizer]:
        """The recognisers of this request."""
        return self.ad_hoc_recognizers or []

    def custom_rules(self, wanted: set[EntityType]) -> CustomRules:
        """The allow list, and the recognisers of `wanted` types. Raises CustomRulesError for what RE2 does not have."""
        least = self.score_threshold or 0.0
        compiled = [pattern for row, one in enumerate(self.recognizers) for pattern in one.compiled(row)]
        patterns = [pattern for pattern in compiled if pattern.type in wanted]
        allow = self.allow_list or []
        if self.allow_list_match == "exact":
            return CustomRules.of(allow, {}, patterns, min_score=least)
        flags = self._flags()
        allowed = [compile_allowed(f"{flags}{text}", "allow_list", row) for row, text in enumerate(allow)]
        return CustomRules.of((), {}, patterns, allowed, least)

    def _flags(self) -> str:
        if self.regex_flags & ~_USUAL_FLAGS:
            raise CustomRulesError("only IGNORECASE (2), MULTILINE (8) and DOTALL (16)", "regex_flags")
        letters = "".join(letter for flag, letter in _FLAGS.items() if flag & self.regex_flags)
        return f"(?{letters})" if letters else ""


def _whole_word(value: str) -> str:
    """A pattern for `value` that is no part of a longer word or number."""
    borders = [r"\b" if re.match(r"\w", char, re.ASCII) else "" for char in (value[0], value[-1])]
    return f"{borders[0]}{re.escape(value)}{borders[1]}"


class AnalysisExplanation(BaseModel):
    """Why an entity was found, in Presidio's form."""

    recognizer: str
    pattern_name: None = None
    pattern: None = None
    original_score: float
    score: float
    textual_explanation: str
    score_context_improvement: float = 0.0
    supportive_context_word: str = ""
    validation_result: bool | None


class AnalyzeResult(BaseModel):
    """One entity in Presidio's form."""

    entity_type: str
    start: int
    end: int
    score: float
    analysis_explanation: AnalysisExplanation | None = None
    recognition_metadata: dict[str, str]
