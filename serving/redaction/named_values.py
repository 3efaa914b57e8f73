"""Values of fields and columns are read behind their names: `phone` says what eleven digits are."""

from collections.abc import Sequence
from dataclasses import replace

from schemas.engine import Find
from schemas.spans.entity import Entity
from schemas.spans.prediction import Prediction
from serving.redaction.numbers import as_written, plain_number

LINES = "text"
"""The column of the lines of a text, and a name that says nothing of what is in it."""
_NAME = 40
"""Characters of a name up to which it is read."""
_NAMED = 100
"""Characters of a value up to which its name is read with it."""


def find_named(find: Find, values: Sequence[str], names: Sequence[str]) -> list[Prediction]:
    """What `find` finds in each of `values`, which is read behind its name; "" is none.

    A name may be a path, of which the last step is read. Long values and those of several lines are read alone. A
    number in which something is found is an entity as it is written.
    """
    plain = list(map(plain_number, values))
    before = [_before(name, value) for name, value in zip(names, plain, strict=True)]
    found = find(["".join(parts) for parts in zip(before, plain, strict=True)])
    within = map(_within, found, before, plain)
    return [as_written(one, value) for one, value in zip(within, values, strict=True)]


def _before(name: str, value: str) -> str:
    """What is read before a value."""
    last = name.replace("[*]", "").rpartition(".")[2]
    is_read = last not in ("", LINES) and len(last) <= _NAME and len(value) <= _NAMED and "\n" not in value
    return f"{last}: " if is_read else ""


def _within(prediction: Prediction, before: str, value: str) -> Prediction:
    """The part of a prediction that is about the value alone."""
    shift = len(before)
    kept = (
        replace(found, entity=Entity(max(found.start - shift, 0), found.end - shift, found.type))
        for found in prediction.detections
        if found.end > shift
    )
    return Prediction(value, tuple(kept))
