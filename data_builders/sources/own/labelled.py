"""A text with labels, as an annotation tool exports it."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.errors import DataError


class LabelledSpan(NamedTuple):
    """A label of the half-open span `[start, end)`, in code points."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text that stands at `place`, such as `file:line`, and its labels in any order; the text stays out of `repr`.

    Raises DataError, with `place`, for a span that is empty or outside the text.
    """

    place: str
    text: str = field(repr=False)
    spans: tuple[LabelledSpan, ...]

    def __post_init__(self) -> None:
        for start, end, label in self.spans:
            if not 0 <= start < end <= len(self.text):
                place = f"{self.place}: {label} at [{start}, {end})"
                raise DataError(f"{place} is empty or outside the text, which has {len(self.text)} characters")


def span_of(start: Any, end: Any, label: Any, place: str) -> LabelledSpan:
    """A span of JSON values. Raises DataError, with `place`, for values of other kinds."""
    if type(start) is int and type(end) is int and isinstance(label, str):
        return LabelledSpan(start, end, label)
    raise DataError(f"{place}: a label has no start, end or name")


def text_of(fields: Any, name: str, place: str) -> str:
    """The text in the field `name`. Raises DataError, with `place`, when there is none."""
    if isinstance(fields, dict) and isinstance(fields.get(name), str):
        text: str = fields[name]
        return text
    raise DataError(f"{place}: has no text in the field {name}; name the field of the text with sources.own.text")
