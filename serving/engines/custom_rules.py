"""Rules of the caller: values that are never marked, values that are always marked, and patterns of further values."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import re2

from schemas.engine import Engine
from schemas.errors import PiiSftError
from schemas.spans.entity import Entity
from schemas.spans.overlap import give_way, longest
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from schemas.text.borders import splits_word
from schemas.text.fold import fold
from schemas.text.text import Text

MAX_SECONDS = 5.0
"""Processor time for all texts of a call. The search for one match is linear, the search for all need not be."""
_MAX_MATCHES = 100_000
"""Most values of these rules in one text."""
_PATTERN_BYTES = 1 << 20
"""Memory that a compiled pattern may take."""


class CustomRulesError(PiiSftError):
    """Rules that cannot be read, or that take too long; `field` is the path to the part at fault."""

    def __init__(self, message: str, *field: str | int) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class CompiledPattern:
    """What a value of `type` looks like: the first group of `expression`, or the whole match where there is none."""

    type: EntityType
    expression: "re2._Regexp" = field(repr=False)


def compile_patterns(rows: Iterable[tuple[EntityType, str]]) -> tuple[CompiledPattern, ...]:
    """Compile patterns in RE2's syntax, which searches in linear time. Raises CustomRulesError.

    https://github.com/google/re2/wiki/Syntax
    """
    options = re2.Options()
    options.log_errors, options.max_mem = False, _PATTERN_BYTES
    try:
        return tuple(CompiledPattern(kind, _compiled(text, options, row)) for row, (kind, text) in enumerate(rows))
    finally:
        re2.purge()  # the library caches patterns, and these are the caller's


def _compiled(text: str, options: "re2.Options", row: int) -> "re2._Regexp":
    try:
        expression = re2.compile(text, options)
    except (re2.error, UnicodeEncodeError):
        message = "not a pattern in the syntax of RE2, or one that is too large"
        raise CustomRulesError(message, "patterns", row, "pattern") from None
    if expression.groups > 1:
        raise CustomRulesError("more than one group; (?:…) groups without being one", "patterns", row, "pattern")
    return expression


@dataclass(frozen=True, slots=True)
class CustomRules:
    """Changes the predictions of an engine.

    Values in `allow` are taken out. Values in `deny` and matches of `patterns` are marked wherever they stand, with a
    score of 1. A value in both lists is marked. Values are compared as `schemas.text.fold` has them, by whole words
    where they begin or end with a digit or a letter of an alphabet.
    """

    allow: frozenset[str] = field(default=frozenset(), repr=False)
    deny: Mapping[str, EntityType] = field(default_factory=dict, repr=False)
    patterns: Sequence[CompiledPattern] = ()

    @classmethod
    def of(
        cls, allow: Sequence[str], deny: Mapping[str, EntityType], patterns: Sequence[CompiledPattern]
    ) -> "CustomRules":
        """Rules of values as they are written."""
        return cls(frozenset(map(fold, allow)), {fold(value): kind for value, kind in deny.items()}, tuple(patterns))

    def apply(self, predictions: Iterable[Prediction]) -> list[Prediction]:
        """The predictions by these rules. Raises CustomRulesError when they take too long or find too much.

        A detection that encloses a value of these rules stays, since it covers that value; others that overlap one
        are cut to what is left of them.
        """
        if not (self.allow or self.deny or self.patterns):
            return list(predictions)
        deadline = time.thread_time() + MAX_SECONDS
        return [self._applied(prediction, deadline) for prediction in predictions]

    def _applied(self, prediction: Prediction, deadline: float) -> Prediction:
        text = Text.of(prediction.text)
        marked: list[Detection] = []
        for detection in chain(self._denied(text.folded), self._matches(text)):
            if time.thread_time() > deadline or len(marked) > _MAX_MATCHES:
                raise CustomRulesError("custom rules take too long or find too much")
            if detection is not None:
                marked.append(detection)
        kept = self._not_allowed(text.folded, prediction.detections)
        return Prediction(text, tuple(give_way(kept, longest(marked))))

    def _not_allowed(self, text: str, detections: Iterable[Detection]) -> list[Detection]:
        return [
            detection
            for detection in detections
            if text[detection.entity.start : detection.entity.end] not in self.allow
        ]

    def _denied(self, text: str) -> Iterator[Detection | None]:
        """The values of `deny` in folded `text`; None between them, so that the caller can look at the time."""
        for value, kind in self.deny.items():
            start = text.find(value)
            yield None
            while start >= 0:
                end = start + len(value)
                whole = not (splits_word(text, start) or splits_word(text, end))
                yield _detection(start, end, kind) if whole else None
                start = text.find(value, end if whole else start + 1)

    def _matches(self, text: str) -> Iterator[Detection | None]:
        """The matches of the patterns that are not allowed; None between them."""
        for pattern in self.patterns:
            yield None
            for match in pattern.expression.finditer(text):
                start, end = match.span(pattern.expression.groups)
                # a match may be empty, and a group may take no part in it
                is_value = start < end and fold(text[start:end]) not in self.allow
                yield _detection(start, end, pattern.type) if is_value else None


class CustomRulesEngine:
    """An engine whose predictions follow the rules of a caller; itself a `schemas.engine.Engine`."""

    def __init__(self, engine: Engine, rules: CustomRules) -> None:
        self._engine, self._rules = engine, rules

    def with_bias(self, log_odds: float) -> "CustomRulesEngine":
        """The same rules over the engine with that bias."""
        return CustomRulesEngine(self._engine.with_bias(log_odds), self._rules)

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `Engine` has it; the rules hold whatever `types` says. Raises CustomRulesError."""
        predictions = self._engine.detect(texts, types)
        return [changed for prediction in predictions for changed in self._rules.apply([prediction])]


def _detection(start: int, end: int, kind: EntityType) -> Detection:
    return Detection(Entity(start, end, kind), 1.0, "rule")
