"""What a caller knows of the texts: values that are no personal data, values that are, and patterns of further ones."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import re2

from schemas.entity import Entity
from schemas.fold import fold
from schemas.prediction import Detection, Prediction, TunableDetector
from schemas.taxonomy import EntityType
from serving.overlap import encloses, longest, meetings


class SlowPatternsError(Exception):
    """Patterns take too long; carries nothing of the request."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a value of `type` looks like; the value is the first group, or the whole match where there is none."""

    type: EntityType
    expression: "re2._Regexp" = field(repr=False)


def compile_pattern(text: str) -> "re2._Regexp":
    """Compile a pattern in RE2's syntax, which searches in linear time. Raises ValueError, which does not quote it.

    https://github.com/google/re2/wiki/Syntax
    """
    options = re2.Options()
    options.log_errors = False
    try:
        expression = re2.compile(text, options)
    except (re2.error, UnicodeEncodeError):
        raise ValueError("not a pattern in the syntax of RE2, or one that is too large") from None
    if expression.groups > 1:
        raise ValueError("more than one group; (?:…) groups without being one")
    return expression


@dataclass(frozen=True, slots=True)
class OwnRules:
    """Changes what a detector found.

    Values in `allow` are taken out, those in `deny` and matches of `patterns` are marked wherever they stand, with a
    score of 1. What is denied is marked even if it is allowed. Values are compared as `schemas.fold` has them, by whole
    words where they begin or end with a Latin letter or digit.
    """

    allow: frozenset[str] = field(default=frozenset(), repr=False)
    deny: Mapping[str, EntityType] = field(default_factory=dict, repr=False)
    patterns: Sequence[Pattern] = ()

    @classmethod
    def of(cls, allow: Sequence[str], deny: Mapping[str, EntityType], patterns: Sequence[Pattern]) -> "OwnRules":
        """Rules of values as they are written."""
        return cls(frozenset(map(fold, allow)), {fold(value): kind for value, kind in deny.items()}, tuple(patterns))

    def apply(self, predictions: Sequence[Prediction], seconds: float = math.inf) -> list[Prediction]:
        """The predictions by these rules. Raises SlowPatternsError when all patterns take longer than `seconds`.

        A detection that encloses a value of these rules stays, since it covers that value; others that overlap one
        are cut to what is left of them.
        """
        if not (self.allow or self.deny or self.patterns):
            return list(predictions)
        deadline = time.monotonic() + seconds
        return [self._applied(prediction, deadline) for prediction in predictions]

    def _applied(self, prediction: Prediction, deadline: float) -> Prediction:
        text = fold(prediction.text)
        own = longest([*self._denied(text), *self._kept(text, self._matches(prediction.text, deadline))])
        return Prediction(prediction.text, tuple(_joined(self._kept(text, prediction.detections), own)))

    def _kept(self, text: str, found: Iterable[Detection]) -> list[Detection]:
        return [one for one in found if text[one.entity.start : one.entity.end] not in self.allow]

    def _denied(self, text: str) -> Iterator[Detection]:
        for value, kind in self.deny.items():
            start = text.find(value)
            while start >= 0:
                end = start + len(value)
                whole = not (_splits_word(text, start) or _splits_word(text, end))
                if whole:
                    yield _detection(start, end, kind)
                start = text.find(value, end if whole else start + 1)

    def _matches(self, text: str, deadline: float) -> Iterator[Detection]:
        for pattern in self.patterns:
            for match in pattern.expression.finditer(text):
                if time.monotonic() > deadline:
                    raise SlowPatternsError
                start, end = match.span(pattern.expression.groups)
                if start < end:  # neither empty nor a group that took no part
                    yield _detection(start, end, pattern.type)


class OwnRulesDetector:
    """A detector whose predictions follow rules of the caller's own; itself a `schemas.prediction.TunableDetector`."""

    def __init__(self, detector: TunableDetector, rules: OwnRules) -> None:
        self._detector, self._rules = detector, rules

    def favouring(self, recall: float) -> "OwnRulesDetector":
        """The same rules over the detector that favours recall so."""
        return OwnRulesDetector(self._detector.favouring(recall), self._rules)

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `schemas.prediction.Detector` has it; the rules hold whatever `types` says."""
        return self._rules.apply(self._detector.detect(texts, types))


def _splits_word(text: str, at: int) -> bool:
    """Whether a Latin word or a number goes on over the place `at`."""
    sides = text[max(at - 1, 0) : at], text[at : at + 1]
    return all(side.isascii() and side.isalnum() for side in sides)


def _detection(start: int, end: int, kind: EntityType) -> Detection:
    return Detection(Entity(start, end, kind), 1.0, "rule")


def _joined(found: Sequence[Detection], own: Sequence[Detection]) -> list[Detection]:
    kept = [
        one for one, meeting in meetings(found, own) if not any(encloses(other.entity, one.entity) for other in meeting)
    ]
    cut = (_cut(one, meeting) for one, meeting in meetings(kept, found))
    return sorted([*kept, *(one for one in cut if one is not None)], key=lambda one: one.entity)


def _cut(found: Detection, own: Sequence[Detection]) -> Detection | None:
    """What `own`, none of which lie inside `found`, leave of it; a part has no check."""
    start, end = found.entity.start, found.entity.end
    for one in own:
        if one.entity.start <= start:
            start = one.entity.end
        else:
            end = one.entity.start
    if start >= end:
        return None
    return replace(found, entity=Entity(start, end, found.entity.type), validated=None) if own else found
