"""What a caller knows of the texts: values that are no personal data, values that are, and patterns of further ones."""

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
from schemas.text.fold import fold

_SECONDS = 5.0
"""Processor time for all texts of a call: to search for one match is linear, to search for all of them need not be."""
_MOST = 100_000
"""Most values of these rules in one text."""
_IDEOGRAPHS = "\u2e80"
"""From here on scripts put no space between words."""
_MEMORY = 1 << 20
"""Bytes that a compiled pattern may take."""


class CustomRulesError(PiiSftError):
    """Rules that are none, or that take too long; `field` is the part at fault, if it is one, and never quoted."""

    def __init__(self, message: str, *field: str | int) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a value of `type` looks like; the value is the first group, or the whole match where there is none."""

    type: EntityType
    expression: "re2._Regexp" = field(repr=False)


def compile_patterns(rows: Iterable[tuple[EntityType, str]]) -> tuple[Pattern, ...]:
    """Compile patterns in RE2's syntax, which searches in linear time. Raises CustomRulesError.

    https://github.com/google/re2/wiki/Syntax
    """
    options = re2.Options()
    options.log_errors, options.max_mem = False, _MEMORY
    try:
        return tuple(Pattern(kind, _compiled(text, options, at)) for at, (kind, text) in enumerate(rows))
    finally:
        re2.purge()  # it keeps what it has compiled, and patterns are a caller's own


def _compiled(text: str, options: "re2.Options", at: int) -> "re2._Regexp":
    try:
        expression = re2.compile(text, options)
    except (re2.error, UnicodeEncodeError):
        message = "not a pattern in the syntax of RE2, or one that is too large"
        raise CustomRulesError(message, "patterns", at, "pattern") from None
    if expression.groups > 1:
        raise CustomRulesError("more than one group; (?:…) groups without being one", "patterns", at, "pattern")
    return expression


@dataclass(frozen=True, slots=True)
class CustomRules:
    """Changes what a detector found.

    Values in `allow` are taken out, those in `deny` and matches of `patterns` are marked wherever they stand, with a
    score of 1. What is denied is marked even if it is allowed. Values are compared as `schemas.text.fold` has them, by
    whole words where they begin or end with a digit or a letter of an alphabet.
    """

    allow: frozenset[str] = field(default=frozenset(), repr=False)
    deny: Mapping[str, EntityType] = field(default_factory=dict, repr=False)
    patterns: Sequence[Pattern] = ()

    @classmethod
    def of(cls, allow: Sequence[str], deny: Mapping[str, EntityType], patterns: Sequence[Pattern]) -> "CustomRules":
        """Rules of values as they are written."""
        return cls(frozenset(map(fold, allow)), {fold(value): kind for value, kind in deny.items()}, tuple(patterns))

    def apply(self, predictions: Sequence[Prediction]) -> list[Prediction]:
        """The predictions by these rules. Raises CustomRulesError when they take too long or find too much.

        A detection that encloses a value of these rules stays, since it covers that value; others that overlap one
        are cut to what is left of them.
        """
        if not (self.allow or self.deny or self.patterns):
            return list(predictions)
        deadline = time.thread_time() + _SECONDS
        return [self._applied(prediction, deadline) for prediction in predictions]

    def _applied(self, prediction: Prediction, deadline: float) -> Prediction:
        text = fold(prediction.text)
        own: list[Detection] = []
        for one in chain(self._denied(text), self._matches(prediction.text)):
            if time.thread_time() > deadline or len(own) > _MOST:
                raise CustomRulesError("custom rules take too long or find too much")
            if one is not None:
                own.append(one)
        return Prediction(prediction.text, tuple(give_way(self._kept(text, prediction.detections), longest(own))))

    def _kept(self, text: str, found: Iterable[Detection]) -> list[Detection]:
        return [one for one in found if text[one.entity.start : one.entity.end] not in self.allow]

    def _denied(self, text: str) -> Iterator[Detection | None]:
        """The values to mark, and None where there was something to do without a value."""
        for value, kind in self.deny.items():
            start = text.find(value)
            yield None
            while start >= 0:
                end = start + len(value)
                whole = not (_splits_word(text, start) or _splits_word(text, end))
                yield _detection(start, end, kind) if whole else None
                start = text.find(value, end if whole else start + 1)

    def _matches(self, text: str) -> Iterator[Detection | None]:
        """As `_denied`, of the patterns; what is allowed is none."""
        for pattern in self.patterns:
            yield None
            for match in pattern.expression.finditer(text):
                start, end = match.span(pattern.expression.groups)
                # neither empty nor a group that took no part
                found = start < end and fold(text[start:end]) not in self.allow
                yield _detection(start, end, pattern.type) if found else None


class CustomRulesEngine:
    """A detector whose predictions follow rules of the caller's own; itself a `schemas.spans.prediction.Engine`."""

    def __init__(self, detector: Engine, rules: CustomRules) -> None:
        self._detector, self._rules = detector, rules

    def with_bias(self, recall: float) -> "CustomRulesEngine":
        """The same rules over the detector that favours recall so."""
        return CustomRulesEngine(self._detector.with_bias(recall), self._rules)

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `Engine` has it; the rules hold whatever `types` says. Raises CustomRulesError."""
        return [one for found in self._detector.detect(texts, types) for one in self._rules.apply([found])]


def _splits_word(text: str, at: int) -> bool:
    """Whether a word of an alphabet or a number goes on over the place `at`."""
    sides = text[max(at - 1, 0) : at], text[at : at + 1]
    return all(side.isalnum() and side < _IDEOGRAPHS for side in sides)


def _detection(start: int, end: int, kind: EntityType) -> Detection:
    return Detection(Entity(start, end, kind), 1.0, "rule")
