"""Adds up everything that is scored, text by text, in memory that hardly grows with their number."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from eval.calibration import Scored
from eval.errors import Mistake, Pattern, mistakes, pattern
from eval.scores import SCHEMES, Counts, Scheme, count, scored_entities
from eval.system import Answered, Reply
from schemas.spans.entity import Example
from schemas.taxonomy import EntityType
from schemas.text.length_buckets import length_bucket

_OWN = ("source", "family", "length", "template")
"""Slices that a row does not name for itself, and templates, of which there are hundreds."""
_EXAMPLES = 3
_AROUND = 12


class Tally:
    """Scores of one detector on one dataset: add each example with its reply, then read the attributes.

    `by_type` are the counts by scheme and type, `slices` the counts by slice, its value and scheme, with the number of
    texts. `clean` counts the texts that hold no entity and those of them in which nothing was found. `answered` sums
    the fields of `Answered`, and `answers` counts them. `patterns` counts errors that look alike, and `shown` holds
    stretches of text for a few of each when `show_text` is set.
    """

    def __init__(self, types: Sequence[EntityType], show_text: bool = False) -> None:
        self.texts = self.characters = self.answers = 0
        self.seconds = 0.0
        self.by_type: dict[Scheme, dict[EntityType, Counts]] = {scheme: {} for scheme in SCHEMES}
        self.slices: defaultdict[tuple[str, str], dict[Scheme, Counts]] = defaultdict(
            lambda: dict.fromkeys(SCHEMES, Counts())
        )
        self.slice_texts: Counter[tuple[str, str]] = Counter()
        self.clean = Counter[bool]()
        self.answered = Answered(0, 0, 0, 0)  # type: ignore[arg-type]
        self.patterns = Counter[Pattern]()
        self.shown: defaultdict[Pattern, list[str]] = defaultdict(list)
        self._types = types
        self._show_text = show_text
        self._strict = array("q")
        self._scores, self._right = array("d"), array("b")

    def add(self, example: Example, reply: Reply, seconds: float) -> None:
        """Add one text, its reply and the seconds that it took."""
        self.texts += 1
        self.characters += len(example.document.text)
        self.seconds += seconds
        if reply.answered is not None:
            self.answers += 1
            sums = zip(astuple(self.answered), astuple(reply.answered), strict=True)
            self.answered = Answered(*(left + right for left, right in sums))
        true, found = scored_entities(example, reply.prediction, self._types)
        totals = {}
        for scheme in SCHEMES:
            counts = count(true, found, scheme)
            kept = self.by_type[scheme]
            for kind, part in counts.items():
                kept[kind] = kept.get(kind, Counts()) + part
            totals[scheme] = sum(counts.values(), Counts())
        self._strict.extend(astuple(totals["strict"]))
        for place in slices_of(example):
            self.slice_texts[place] += 1
            for scheme in SCHEMES:
                self.slices[place][scheme] += totals[scheme]
        if not true and set(self._types) & set(example.annotated):
            self.clean[not found] += 1
        right, scored = set(true), set(found)
        for detection in reply.prediction.detections:
            if detection.entity in scored:
                self._scores.append(detection.score)
                self._right.append(detection.entity in right)
        for mistake in mistakes(true, found):
            self._add_mistake(example.document.text, mistake)

    def _add_mistake(self, text: str, mistake: Mistake) -> None:
        form = pattern(text, mistake)
        self.patterns[form] += 1
        if self._show_text and len(self.shown[form]) < _EXAMPLES:
            start, end = mistake.entity.start, mistake.entity.end
            self.shown[form].append(
                f"{text[max(0, start - _AROUND) : start]}【{text[start:end]}】{text[end : end + _AROUND]}"
            )

    def micro(self, scheme: Scheme) -> Counts:
        """The counts of all types together."""
        return sum(self.by_type[scheme].values(), Counts())

    @property
    def strict_by_text(self) -> NDArray[np.int64]:
        """Strict tp, fp and fn of every text, as (text, 3)."""
        return np.array(self._strict, dtype=np.int64).reshape(-1, 3)

    @property
    def scored(self) -> list[Scored]:
        """Every detection's score, and whether it is strictly right."""
        return [(score, bool(right)) for score, right in zip(self._scores, self._right, strict=True)]


def slices_of(example: Example) -> Iterator[tuple[str, str]]:
    """The slices of `example` by which scores are reported, and its place in each."""
    yield "source", example.source
    if example.family:
        yield "family", example.family
    yield "length", length_bucket(len(example.document.text))
    yield from ((key, value) for key, value in example.slices.items() if key not in _OWN)
