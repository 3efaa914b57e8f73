"""What a recogniser is: a pattern, the words around it, and what must hold for a match to count."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from schemas.formats.registry import validate
from schemas.taxonomy import EntityType

CHECKSUM = 0.99
"""Score of a value whose check digits hold."""
FORM = 0.95
"""Score of a value whose form or numbering plan says what it is."""
NAMED = 0.98
"""Score of a value that what stands directly around it names: a label, or the syntax of an address, a header, JSON."""
CUED = 0.9
"""Score of a value of a loose form after a word that names its type."""
FAILED = 0.6
"""Score of a value after a word that names its type when its check fails: a mistyped or invented number."""

_WINDOW = 24
_LABEL_WINDOW = 48
_TRIMS = 3
_SEPARATORS = " -."


class Need(Enum):
    """What a match needs to count. The check counts as held where the form has none."""

    CHECK = auto()
    CUE = auto()
    EITHER = auto()
    BOTH = auto()


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Finds values of one type in folded text.

    `cue` and `veto` are searched in the characters before a match; a veto rules it out. `score` is that of a
    match whose check does not fail.
    """

    type: EntityType
    pattern: re.Pattern[str]
    score: float
    need: Need = Need.CHECK
    cue: re.Pattern[str] | None = None
    veto: re.Pattern[str] | None = None

    def find(self, text: str) -> Iterator[tuple[int, int, float, bool | None]]:
        """Yield start, end, score and check result of every value in `text`, left to right."""
        for match in self.pattern.finditer(text):
            before = text[max(0, match.start() - _WINDOW) : match.start()]
            if self.veto and self.veto.search(before):
                continue
            cued = bool(self.cue and self.cue.search(before))
            if self.need in (Need.CUE, Need.BOTH) and not cued:
                continue
            end, validated = self._checked_end(text, match.start(), match.end())
            if validated is not False or (cued and self.need is not Need.BOTH):
                yield match.start(), end, FAILED if validated is False else self.score, validated

    def _checked_end(self, text: str, start: int, end: int) -> tuple[int, bool | None]:
        """The end of the longest value at `start` that passes, trying again without the last groups of digits."""
        validated = validate(self.type, text[start:end])
        cut = end
        for _ in range(_TRIMS if validated is False else 0):
            cut = max(text.rfind(separator, start, cut) for separator in _SEPARATORS)
            if cut <= start:
                break
            if self.pattern.fullmatch(text, start, cut) and validate(self.type, text[start:cut]):
                return cut, True
        return end, validated


@dataclass(frozen=True, slots=True)
class NamedRecogniser:
    """Finds values of one type that what stands directly around them names, whether or not their check holds.

    The value is the group `value` of the pattern, or the whole match; `label` is searched in the characters before it.
    """

    type: EntityType
    pattern: re.Pattern[str]
    label: re.Pattern[str] | None = None

    def find(self, text: str) -> Iterator[tuple[int, int, float, bool | None]]:
        """Yield start, end, score and check result of every value in `text`, left to right."""
        group = "value" if "value" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            start, end = match.span(group)
            if self.label is None or self.label.search(text, max(0, start - _LABEL_WINDOW), start):
                yield start, end, NAMED, validate(self.type, text[start:end])
