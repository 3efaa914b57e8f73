"""Rules of the caller: values that are never marked, values that are always marked, and patterns of further values."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, product

import re2

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
_SEPARATORS = frozenset(" -‐‑‒–—―−()[]·•‧・")
"""Characters that do not count when a value is compared with an allowed one; a dot counts, as in an IP address."""
_CONTEXT_CHARACTERS = 40
_CONTEXT_SCORE, _LEAST_CONTEXT_SCORE = 0.35, 0.4
"""What a word of the context adds to a score, and what it raises it to at least: the values of Presidio."""
_PATTERN_BYTES = 1 << 20
"""Memory that a compiled pattern may take."""
_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\C")
"""What stands for one byte in RE2, which may be a part of a character."""


class CustomRulesError(PiiSftError):
    """Rules that cannot be read, or that take too long; `field` is the path to the part at fault."""

    def __init__(self, message: str, *field: str | int) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class CompiledPattern:
    """What a value of `type` looks like: `group` of each match of `expression`, 0 being the whole.

    Its score is `score`, and higher where one of the words `context`, in small letters, stands shortly before it.
    """

    type: EntityType
    expression: "re2._Regexp" = field(repr=False)
    group: int = 0
    score: float = 1.0
    context: tuple[str, ...] = field(default=(), repr=False)

    def score_at(self, text: str, start: int) -> float:
        """The score of a value at `start` of `text`."""
        before = text[max(0, start - _CONTEXT_CHARACTERS) : start].lower() if self.context else ""
        supported = any(word in before for word in self.context)
        return min(max(self.score + _CONTEXT_SCORE, _LEAST_CONTEXT_SCORE), 1.0) if supported else self.score


def compile_patterns(rows: Iterable[tuple[EntityType, str]]) -> tuple[CompiledPattern, ...]:
    """Compile patterns, of which the one group is the value, or the whole match. Raises CustomRulesError."""
    patterns = []
    for row, (kind, text) in enumerate(rows):
        place = ("patterns", row, "pattern")
        expression = compile_expression(text, *place)
        if expression.groups > 1:
            raise CustomRulesError("more than one group; (?:…) groups without being one", *place)
        patterns.append(CompiledPattern(kind, expression, expression.groups))
    return tuple(patterns)


def compile_expression(text: str, *place: str | int) -> "re2._Regexp":
    """Compile an expression in RE2's syntax, which searches in linear time.

    Raises CustomRulesError, which names `place`. https://github.com/google/re2/wiki/Syntax
    """
    options = re2.Options()
    options.log_errors, options.max_mem = False, _PATTERN_BYTES
    if _BYTE.search(text):
        raise CustomRulesError("\\C stands for a byte; write . for a character", *place)
    try:
        return re2.compile(text, options)
    except (re2.error, UnicodeEncodeError):
        raise CustomRulesError("not a pattern in the syntax of RE2, or one that is too large", *place) from None
    finally:
        re2.purge()  # the library caches patterns, and these are the caller's


def compile_allowed(text: str, *place: str | int) -> "re2._Regexp":
    """Compile an expression of allowed values as `compile_expression` does.

    Raises CustomRulesError also for one that an empty text matches: it would allow every value.
    """
    expression = compile_expression(text, *place)
    if expression.search(""):
        raise CustomRulesError("matches an empty text, and so would allow every value", *place)
    return expression


@dataclass(frozen=True, slots=True)
class CustomRules:
    """Changes the predictions of an engine.

    Values in `allow`, and those in which an expression of `allow_patterns` matches, are taken out. Values in `deny` are
    marked wherever they stand, with a score of 1, and so are the matches of `patterns` scored at least `min_score`. A
    value in `allow` and `deny` is marked.

    Full-width and half-width forms are equal (`schemas.text.fold`). For `allow`, so are capital and small letters, and
    white space, hyphens, brackets and middle dots do not count. Values of `deny` are found by whole words where they
    begin or end with a digit or a letter of an alphabet.
    """

    allow: frozenset[str] = field(default=frozenset(), repr=False)
    deny: Mapping[str, EntityType] = field(default_factory=dict, repr=False)
    patterns: Sequence[CompiledPattern] = ()
    allow_patterns: Sequence["re2._Regexp"] = field(default=(), repr=False)
    min_score: float = 0.0

    @classmethod
    def of(
        cls,
        allow: Sequence[str],
        deny: Mapping[str, EntityType],
        patterns: Sequence[CompiledPattern],
        allow_patterns: Sequence["re2._Regexp"] = (),
        min_score: float = 0.0,
    ) -> "CustomRules":
        """Rules of values as they are written."""
        folded = {fold(value): kind for value, kind in deny.items()}
        return cls(frozenset(map(_spelling, allow)), folded, tuple(patterns), tuple(allow_patterns), min_score)

    @property
    def types(self) -> frozenset[EntityType]:
        """The types that these rules mark."""
        return frozenset(self.deny.values()).union(pattern.type for pattern in self.patterns)

    def apply(self, predictions: Iterable[Prediction]) -> list[Prediction]:
        """The predictions by these rules. Raises CustomRulesError when they take too long or find too much.

        A detection that encloses a value of these rules stays, since it covers that value; others that overlap one
        are cut to what is left of them.
        """
        if not (self.allow or self.deny or self.patterns or self.allow_patterns):
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
        kept = []
        for detection in prediction.detections:
            if time.thread_time() > deadline:
                raise CustomRulesError("custom rules take too long or find too much")
            if not self._allows(prediction.value(detection)):
                kept.append(detection)
        return Prediction(text, tuple(give_way(kept, longest(marked))))

    def _allows(self, value: str) -> bool:
        if _spelling(value) in self.allow:
            return True
        return any(expression.search(form) for expression in self.allow_patterns for form in {fold(value), value})

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

    def _matches(self, text: Text) -> Iterator[Detection | None]:
        """The matches of the patterns that are not allowed; None between them.

        Patterns see the folded text, and the text as it is written, since a pattern may have full-width signs.
        """
        for pattern, form in product(self.patterns, {text.folded: None, str(text): None}):
            yield None
            for match in pattern.expression.finditer(form):
                start, end = match.span(pattern.group)
                # a match may be empty, and a group may take no part in it
                score = pattern.score_at(form, start)
                is_value = start < end and score >= self.min_score and not self._allows(text[start:end])
                yield _detection(start, end, pattern.type, score) if is_value else None


def _spelling(value: str) -> str:
    """What two spellings of an allowed value have in common; a value of separators alone is itself."""
    folded = fold(value).casefold()
    return "".join(char for char in folded if char not in _SEPARATORS) or folded


def _detection(start: int, end: int, kind: EntityType, score: float = 1.0) -> Detection:
    return Detection(Entity(start, end, kind), score, "rule")
