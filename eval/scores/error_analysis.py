"""What kind of error each wrong or missing entity is, how its value is written, and which errors to look at first."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from eval.figures import Figures, Row, ScoredSystem
from eval.scores.counts import meetings
from schemas.errors import DataError
from schemas.spans.entity import Entity

Kind = Literal["missed", "spurious", "boundary", "type", "type and boundary"]
KINDS: tuple[Kind, ...] = ("missed", "spurious", "boundary", "type", "type and boundary")
_CLOSEST: tuple[Kind, ...] = ("type", "boundary", "type and boundary")
Rows = list[tuple[str, ...]]
"""Cells of a table, row by row."""

_MOST_RUNS = 8
_SHOWN = "-.:/@"
_CLASSES = {"N": "digit", "M": "mark", "P": "symbol", "S": "symbol", "Z": "space", "C": "control"}
"""Names of the other major classes of Unicode's general category."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One error. `true` is None when it is spurious, `found` is None when it is missed; else the two overlap."""

    kind: Kind
    true: Entity | None
    found: Entity | None

    @property
    def entity(self) -> Entity:
        """The true entity, or the found one where there is none."""
        (entity, *_) = (entity for entity in (self.true, self.found) if entity is not None)
        return entity


@dataclass(frozen=True, slots=True, order=True)
class Pattern:
    """Errors that look alike: kind, true and found type ("" where there is none) and the form of the value."""

    kind: Kind
    true: str
    found: str
    form: str


def mistakes(true: Sequence[Entity], found: Sequence[Entity]) -> Iterator[Mistake]:
    """Yield every error of one text; both lists are sorted and disjoint.

    Each entity that is not strictly right is in exactly one of them. Those that overlap are paired: first of the same
    span, then of the same type, then the others.
    """
    right = set(true) & set(found)
    missed = [entity for entity in true if entity not in right]
    wrong = [entity for entity in found if entity not in right]
    pairs = [Mistake(_kind(*pair), *pair) for pair in meetings(missed, wrong)]
    paired: set[tuple[bool, Entity | None]] = set()
    for pair in sorted(pairs, key=lambda pair: _CLOSEST.index(pair.kind)):
        if not paired & {(True, pair.true), (False, pair.found)}:
            paired |= {(True, pair.true), (False, pair.found)}
            yield pair
    yield from (Mistake("missed", entity, None) for entity in missed if (True, entity) not in paired)
    yield from (Mistake("spurious", None, entity) for entity in wrong if (False, entity) not in paired)


def _kind(true: Entity, found: Entity) -> Kind:
    if true.type == found.type:
        return "boundary"
    return "type" if (true.start, true.end) == (found.start, found.end) else "type and boundary"


def pattern(text: str, mistake: Mistake) -> Pattern:
    """What `mistake` looks like, without a character that could tell whose value it is."""
    true, found = (str(entity.type) if entity else "" for entity in (mistake.true, mistake.found))
    return Pattern(mistake.kind, true, found, form(text[mistake.entity.start : mistake.entity.end]))


def form(value: str) -> str:
    """The form of a value: its runs of like characters, as "digit 3, -, digit 4"; long values end in an ellipsis."""
    runs = [(name, len(list(run))) for name, run in groupby(value, _class)]
    shown = [name if length == 1 else f"{name} {length}" for name, length in runs[:_MOST_RUNS]]
    return ", ".join(shown) + ("…" if len(runs) > _MOST_RUNS else "")


def _class(char: str) -> str:
    kind = unicodedata.category(char)[0]
    if kind == "L":
        return "latin" if char.isascii() else "han" if "㐀" <= char <= "鿿" or char >= "\U00020000" else "letter"
    return char if char in _SHOWN else _CLASSES[kind]


def system_of(figures: Figures, spec: str | None) -> ScoredSystem:
    """The figures of the system `spec`, or of the first one. Raises DataError when the report has no such one."""
    if not figures.detectors:
        raise DataError("the report has no scores")
    systems = {system.spec: system for system in reversed(figures.detectors)}
    name = figures.detectors[0].spec if spec is None else spec
    if name not in systems:
        raise DataError(f"the report has no detector {name}; it has {', '.join(row.spec for row in figures.detectors)}")
    return systems[name]


def worst_slices(system: ScoredSystem, top: int) -> Rows:
    """The `top` types and slices with the most errors beyond what their size explains, the worst first.

    They are ranked by errors above those that the system's overall error rate would give to as many entities.
    """
    micro = system.scores.strict.micro
    rate = micro.errors / max(micro.entities, 1)
    rows = sorted(_parts(system), key=lambda part: -(part[1].errors - rate * part[1].entities))
    return [
        (name, str(row.entities), str(row.fn), str(row.fp), f"{row.recall:.3f}", f"{row.precision:.3f}")
        for name, row in rows[:top]
        if row.errors
    ]


def _parts(system: ScoredSystem) -> Iterator[tuple[str, Row]]:
    for kind, row in system.scores.strict.by_type.items():
        yield f"type {kind}", row
    for name, values in system.slices.items():
        if len(values) > 1:
            yield from ((f"{name} {value}", scores.strict) for value, scores in values.items())


def confusions(system: ScoredSystem, top: int) -> Rows:
    """The `top` combinations of kind of error, true type and found type, the most frequent first."""
    return [(str(row.count), row.kind, row.true, row.found) for row in system.errors.by_types[:top]]


def patterns(system: ScoredSystem, top: int) -> Rows:
    """The `top` patterns of errors: count, kind, true type, found type, form of the value, and any examples."""
    return [
        (str(row.count), row.kind, row.true, row.found, row.form, *row.examples) for row in system.errors.patterns[:top]
    ]
