"""Adds up everything that is scored, text by text, in memory that hardly grows with their number."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from eval.figures import (
    Answers,
    Averages,
    Batch,
    Calibration,
    CleanTexts,
    Confusion,
    Errors,
    Means,
    OperatingPoint,
    PatternCount,
    Row,
    SchemeScores,
    SliceScores,
)
from eval.scores.bootstrap import METRICS
from eval.scores.calibration import Scored, calibration_error, operating_points, reliability, threshold_curve
from eval.scores.counts import SCHEMES, Counts, Scheme, count, scored_entities, seqeval_counts
from eval.scores.error_analysis import KINDS, Mistake, Pattern, mistakes, pattern
from eval.system import Answered, Reply
from schemas.spans.entity import Entity, Example
from schemas.taxonomy import EntityType
from schemas.text.length_buckets import LENGTH_BUCKETS, length_bucket

_NOT_SLICES = ("source", "family", "length", "template")
"""Slices that are taken from the example itself, and templates, of which there are hundreds."""
_EXAMPLES = 3
_AROUND = 12
_CURVE_POINTS = 200
_PATTERNS = 200

Slice = tuple[str, str]
"""The name of a slice, and its value."""


class Tally:
    """Scores of one system on one dataset: add each example with its reply, then ask for figures.

    Stretches of text are kept for a few errors of each form when `show_text` is set.
    """

    def __init__(self, types: Sequence[EntityType], show_text: bool = False) -> None:
        self._types = types
        self._show_text = show_text
        self._texts = self._characters = self._answers = 0
        self._seconds = 0.0
        self._by_type: dict[Scheme, dict[EntityType, Counts]] = {scheme: {} for scheme in SCHEMES}
        self._slices: defaultdict[Slice, dict[Scheme, Counts]] = defaultdict(lambda: dict.fromkeys(SCHEMES, Counts()))
        self._slice_texts: Counter[Slice] = Counter()
        self._clean: defaultdict[str, Counter[bool]] = defaultdict(Counter)
        self._answered = Answered(0, 0, 0, 0)  # type: ignore[arg-type]
        self._patterns = Counter[Pattern]()
        self._examples: defaultdict[Pattern, list[str]] = defaultdict(list)
        self._strict = array("q")
        self._scores, self._right = array("d"), array("b")

    def add(self, example: Example, reply: Reply, seconds: float) -> None:
        """Add one text, its reply and the seconds that it took."""
        annotates = not set(self._types).isdisjoint(example.annotated)
        if annotates:  # else nobody was asked about it
            self._texts += 1
            self._characters += len(example.document.text)
        self._seconds += seconds
        if reply.answered is not None:
            self._answers += 1
            sums = zip(astuple(self._answered), astuple(reply.answered), strict=True)
            self._answered = Answered(*(left + right for left, right in sums))
        true, found = scored_entities(example, reply.prediction, self._types)
        self._add_counts(example, {scheme: _counts(true, found, scheme) for scheme in SCHEMES})
        if not true and annotates:
            self._clean[example.source][not found] += 1
        right, scored = set(true), set(found)
        for detection in reply.prediction.detections:
            if detection.entity in scored:
                self._scores.append(detection.score)
                self._right.append(detection.entity in right)
        for mistake in mistakes(true, found):
            self._add_mistake(example.document.text, mistake)

    def _add_counts(self, example: Example, counts: dict[Scheme, dict[EntityType, Counts]]) -> None:
        totals = {scheme: sum(by_type.values(), Counts()) for scheme, by_type in counts.items()}
        self._strict.extend(astuple(totals["strict"]))
        for scheme, by_type in counts.items():
            sums = self._by_type[scheme]
            for kind, part in by_type.items():
                sums[kind] = sums.get(kind, Counts()) + part
        for name in slices_of(example):
            self._slice_texts[name] += 1
            for scheme, total in totals.items():
                self._slices[name][scheme] += total

    def _add_mistake(self, text: str, mistake: Mistake) -> None:
        form = pattern(text, mistake)
        self._patterns[form] += 1
        if self._show_text and len(self._examples[form]) < _EXAMPLES:
            start, end = mistake.entity.start, mistake.entity.end
            before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
            self._examples[form].append(f"{before}【{text[start:end]}】{after}")

    def strict_by_text(self) -> NDArray[np.int64]:
        """Strict tp, fp and fn of every text, as (text, 3)."""
        return np.array(self._strict, dtype=np.int64).reshape(-1, 3)

    def scores(self) -> SchemeScores:
        """Micro- and macro-averages and scores by type, under every scheme."""
        return SchemeScores(**{scheme: _averages(self._by_type[scheme]) for scheme in SCHEMES})

    def clean(self) -> CleanTexts:
        """How often nothing was found in texts without an entity."""
        return _clean(sum(self._clean.values(), Counter()))

    def clean_by_source(self) -> dict[str, CleanTexts]:
        """How often nothing was found in texts without an entity, source by source in alphabetical order."""
        return {source: _clean(counts) for source, counts in sorted(self._clean.items())}

    def slices(self) -> dict[str, dict[str, SliceScores]]:
        """Scores by name and value of the slices; lengths from short to long, other values in alphabetical order."""
        slices: dict[str, dict[str, SliceScores]] = {}
        for name, value in sorted(self._slices, key=_slice_order):
            rows = {scheme: row(counts) for scheme, counts in self._slices[name, value].items()}
            slices.setdefault(name, {})[value] = SliceScores(texts=self._slice_texts[name, value], **rows)
        return slices

    def calibration(self) -> Calibration:
        """How far scores are from the share of detections that is right."""
        bins = reliability(self._scored())
        return Calibration(error=calibration_error(bins), bins=tuple(astuple(part) for part in bins if part.count))

    def thresholds(self) -> tuple[tuple[tuple[float, float, float], ...], dict[str, OperatingPoint]]:
        """Minimum score, precision and recall at some 200 thresholds; and the scores at the operating points.

        The last threshold keeps every detection. The operating points are those of
        `eval.scores.calibration.operating_points`; their minimum score is rounded down to six digits.
        """
        curve = threshold_curve(
            self._scored(), sum(counts.tp + counts.fn for counts in self._by_type["strict"].values())
        )
        step = max(1, len(curve) // _CURVE_POINTS)
        points = {
            name: OperatingPoint(min_score=math.floor(score * 1e6) / 1e6, **dict(row(counts)))
            for name, (score, counts) in operating_points(curve).items()
        }
        return tuple((score, counts.precision, counts.recall) for score, counts in curve[::-step][::-1]), points

    def _scored(self) -> list[Scored]:
        """Every detection's score, and whether it is strictly right."""
        return [(score, bool(right)) for score, right in zip(self._scores, self._right, strict=True)]

    def errors(self) -> Errors:
        """Errors by kind, by types and by form, the most frequent first."""
        kinds: dict[str, int] = dict.fromkeys(KINDS, 0)
        types: Counter[tuple[str, str, str]] = Counter()
        for form, number in self._patterns.items():
            kinds[form.kind] += number
            types[form.kind, form.true, form.found] += number
        by_types = tuple(
            Confusion(count=number, kind=kind, true=true, found=found)
            for (kind, true, found), number in sorted(types.items(), key=lambda item: (-item[1], item[0]))
        )
        forms = sorted(self._patterns.items(), key=lambda item: (-item[1], item[0]))[:_PATTERNS]
        patterns = tuple(self._pattern_count(form, number) for form, number in forms)
        return Errors(kinds=kinds, by_types=by_types, patterns=patterns)

    def _pattern_count(self, form: Pattern, number: int) -> PatternCount:
        shown = {"examples": tuple(self._examples[form])} if form in self._examples else {}
        return PatternCount(count=number, kind=form.kind, true=form.true, found=form.found, form=form.form, **shown)

    def answers(self) -> Answers | None:
        """Faults of written answers, and tokens a text; None where no answer was written."""
        if not self._answers:
            return None
        sums, total = self._answered, self._answers
        return Answers(
            answers=total,
            valid=sums.valid,
            valid_share=sums.valid / total,
            items=sums.items,
            invented=sums.invented,
            unknown_types=sums.unknown,
            read_tokens=sums.read / total,
            written_tokens=sums.written / total,
        )

    def batch(self) -> Batch:
        """The pace at which the texts were predicted."""
        seconds = max(self._seconds, 1e-9)
        return Batch(
            texts_per_s=self._texts / seconds,
            characters_per_s=self._characters / seconds,
            hours_per_million_texts=self._seconds / max(self._texts, 1) * 1e6 / 3600,
        )


def _counts(true: Sequence[Entity], found: Sequence[Entity], scheme: Scheme) -> dict[EntityType, Counts]:
    """Entity scores are seqeval's; it has none of overlaps, of spans without types, and of characters."""
    return seqeval_counts(true, found) if scheme == "strict" else count(true, found, scheme)


def _clean(counts: Counter[bool]) -> CleanTexts:
    return CleanTexts(texts=counts.total(), without_detection=counts[True])


def row(counts: Counts) -> Row:
    """Counts, and what follows from them."""
    shares = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    return Row(tp=counts.tp, fp=counts.fp, fn=counts.fn, **shares)


def _averages(by_type: dict[EntityType, Counts]) -> Averages:
    """Micro, macro (the mean over types that occur in the data) and by type in the order of the taxonomy."""
    ordered = {kind: by_type[kind] for kind in EntityType if kind in by_type}
    occurring = [counts for counts in ordered.values() if counts.tp + counts.fn]
    macro = {name: sum(getattr(counts, name) for counts in occurring) / max(len(occurring), 1) for name in METRICS}
    rows = {str(kind): row(counts) for kind, counts in ordered.items()}
    return Averages(micro=row(sum(by_type.values(), Counts())), macro=Means(**macro), by_type=rows)


def _slice_order(key: Slice) -> tuple[str, int, str]:
    name, value = key
    return name, LENGTH_BUCKETS.index(value) if name == "length" else 0, value


def slices_of(example: Example) -> Iterator[Slice]:
    """The slices of `example` by which scores are reported."""
    yield "source", example.source
    if example.family:
        yield "family", example.family
    yield "length", length_bucket(len(example.document.text))
    yield from ((key, value) for key, value in example.slices.items() if key not in _NOT_SLICES)
