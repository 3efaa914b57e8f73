"""Whether the first row of a table names its columns; where there is no header it is data, which would stay."""

from collections.abc import Sequence

from schemas.engine import Find
from schemas.formats.registry import FORMATS
from schemas.taxonomy import EntityType

_PEOPLE = frozenset({EntityType.PERSON_NAME, EntityType.ADDRESS})
_SURE = 0.8
"""Least score of a name or an address: words that name columns are sometimes names, too."""
_BETWEEN = ", "


def values_in(names: Sequence[str], find: Find) -> list[int]:
    """Which of `names` are, as a whole, values of a type that has a format, such as numbers of phones."""
    found = find(names)
    return [
        number
        for number, (name, prediction) in enumerate(zip(names, found, strict=True))
        if any(entity.type in FORMATS and prediction.value(entity) == name.strip() for entity in prediction.entities)
    ]


def people_in(names: Sequence[str], find: Find) -> list[int]:
    """Which of `names` are, as a whole, names or addresses of people; they are read as one row."""
    if not names:
        return []
    starts, row = dict[int, int](), ""
    for number, name in enumerate(names):
        starts[len(row) + len(name) - len(name.lstrip())] = number
        row += name + _BETWEEN
    (prediction,) = find([row])
    return [
        starts[found.start]
        for found in prediction.detections
        if found.start in starts
        and found.type in _PEOPLE
        and found.score >= _SURE
        and prediction.value(found) == names[starts[found.start]].strip()
    ]
