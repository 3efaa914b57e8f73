"""Entity, Document and Example: what is annotated, in which text, by which source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.errors import SpanError
from schemas.taxonomy import ALL_TYPES, EntityType
from schemas.text.text import check_text


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """A typed half-open span `[start, end)` counted in Unicode code points.

    Raises SpanError for an empty or negative span. Entities order by position.
    """

    start: int
    end: int
    type: EntityType

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise SpanError(f"span [{self.start}, {self.end}) of {self.type} is empty or negative")


@dataclass(frozen=True, slots=True)
class Document:
    """An id and its text; the text stays out of `repr`, logs and tracebacks.

    Raises InvalidTextError when the text holds a lone surrogate.
    """

    id: str
    text: str = field(repr=False)

    def __post_init__(self) -> None:
        check_text(self.text)


@dataclass(frozen=True, slots=True)
class Example:
    """A document with its true entities: one row of a dataset.

    `entities` are sorted, inside the text and without overlap. `source` names the corpus, `family` the
    kind of text within it. `annotated` are the types that the source marks: a type outside it may occur
    in the text unmarked, so neither training nor evaluation may read its absence as "none here". `slices` name what
    kind of row this is (template, length bucket, noise, ...), so that scores can be reported by slice.
    Raises SpanError when spans break these rules.
    """

    document: Document
    entities: tuple[Entity, ...]
    source: str
    family: str = ""
    annotated: tuple[EntityType, ...] = ALL_TYPES
    slices: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_spans(self.entities, len(self.document.text), self.document.id)
        stray = {entity.type for entity in self.entities} - set(self.annotated)
        if stray:
            raise SpanError(f"{self.document.id}: entities of types {sorted(stray)} that are not annotated")


def check_spans(entities: Sequence[Entity], length: int, name: str) -> None:
    """Raise SpanError unless `entities` are sorted, disjoint and within `[0, length)`; `name` goes into the message."""
    previous_end = 0
    for entity in entities:
        if entity.start < previous_end or entity.end > length:
            span = f"{entity.type} at [{entity.start}, {entity.end})"
            raise SpanError(f"{name}: {span} is out of order, overlapping or outside the text")
        previous_end = entity.end
