"""Whether the first row of a table names its columns; where there is no header it is data, which would stay."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from schemas.engine import Find
from schemas.formats.registry import validate
from schemas.taxonomy import EntityType

_CHECKED = (EntityType.PHONE_NUMBER, EntityType.EMAIL, EntityType.ID_CARD_NUMBER, EntityType.BANK_CARD_NUMBER)
_SAID = frozenset({EntityType.PERSON_NAME, EntityType.ADDRESS, *_CHECKED})
_SURE = 0.8
"""Least score of what is found: words that name columns are sometimes names, too."""
_BETWEEN = ", "
_MOST_CHARACTERS = 4_000
"""Characters of a row that are searched, since the search of a row of thousands of columns would take seconds."""


def values_in(names: Sequence[str]) -> list[int]:
    """Which of `names` are, as a whole, numbers of phones and cards or e-mail addresses, which name no column."""
    return [number for number, name in enumerate(names) if any(validate(kind, name.strip()) for kind in _CHECKED)]


def people_in(names: Sequence[str], find: Find) -> list[int]:
    """Which of `names`, read as one row of data, hold names, addresses, e-mail addresses and numbers of people.

    The first 4,000 characters of the row are searched. Words in small letters, such as weixin, are no names here.
    Raises what `find` raises.
    """
    starts = list(accumulate((len(name) + len(_BETWEEN) for name in names), initial=0))
    (row,) = find([_BETWEEN.join(names)[:_MOST_CHARACTERS]])
    sure = [found for found in row.detections if found.type in _SAID and found.score >= _SURE]
    said = (found for found in sure if found.type is not EntityType.PERSON_NAME or not row.value(found).islower())
    return sorted({bisect_right(starts, found.start) - 1 for found in said})
