"""Merges neighbouring pieces: given name and surname to a PERSON_NAME; number, street and city to an ADDRESS."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise

from data_builders.sources.ai4privacy.labels import LABELS
from data_builders.sources.ai4privacy.pieces import LabelledPiece
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType


class Part(StrEnum):
    """What a piece is within a name or an address."""

    GIVEN = "given"
    FAMILY = "family"
    BUILDING = "building"
    FLAT = "flat"
    STREET = "street"
    CITY = "city"
    COUNTY = "county"
    STATE = "state"
    COUNTRY = "country"
    POSTCODE = "postcode"


PARTS: dict[str, Part] = {
    **dict.fromkeys(["GIVENNAME", "GIVENNAME1", "GIVENNAME2", "FIRSTNAME", "MIDDLENAME"], Part.GIVEN),
    **dict.fromkeys(["SURNAME", "LASTNAME", "LASTNAME1", "LASTNAME2", "LASTNAME3"], Part.FAMILY),
    **dict.fromkeys(["BUILDINGNUM", "BUILDINGNUMBER", "BUILDING"], Part.BUILDING),
    **dict.fromkeys(["SECONDARYADDRESS", "SECADDRESS"], Part.FLAT),
    **dict.fromkeys(["STREET", "STREETADDRESS"], Part.STREET),
    "CITY": Part.CITY,
    "COUNTY": Part.COUNTY,
    "STATE": Part.STATE,
    "COUNTRY": Part.COUNTRY,
    **dict.fromkeys(["ZIPCODE", "POSTCODE"], Part.POSTCODE),
}
"""The labels of pieces that are merged; others stand alone."""

_NAME_PARTS = frozenset({Part.GIVEN, Part.FAMILY})
_PLACES = frozenset({Part.CITY, Part.COUNTY, Part.STATE, Part.COUNTRY})
_DEPENDENT = frozenset({Part.BUILDING, Part.FLAT})
"""Parts that locate nothing by themselves."""

_SPACE = r"[ \t\u00a0\u3000]*"
_NAME_GAP = re.compile(rf"{_SPACE}(?:[·•・]{_SPACE}|(?:[A-Z]\.{_SPACE})+)?")
"""Between the parts of a name: space within a line, a middle dot, or unlabelled initials."""
_ADDRESS_GAP = re.compile(rf"{_SPACE}[,，]?{_SPACE}(?:\r?\n)?{_SPACE}")
"""Between the parts of an address: nothing, a comma, space, one line break."""

_WHOLE_NAMES = frozenset({"FULLNAME", "NAME"})
_TITLE, _SUFFIX = r"(?:Mr|Mrs|Ms|Miss|Dr)\b\.?\s+", r",?\s+(?:Jr|Sr|II|III|IV|V|MD|DDS|PhD|DVM)\b\.?"
_BARE_NAME = re.compile(rf"(?:{_TITLE})?(.+?)(?:{_SUFFIX})?", re.DOTALL)
"""A whole name without the titles and suffixes of Faker, which fills these labels."""


def merge_pieces(text: str, pieces: Iterable[LabelledPiece], report: Counter[str]) -> list[Entity]:
    """The entities of `pieces`, which are in order of position, disjoint and of labels that are ours.

    A name has one run of given names and one of surnames, in either order; an address has no part twice. Place names
    with nothing else are a LOCATION, a postcode alone is a POSTAL_CODE, and a number or flat without a street or place
    is left out. `report` counts merges by kind and what is left out.
    """
    entities = []
    for run in _runs(text, pieces):
        kind = _run_type(run)
        if kind is None:
            report["left out: building or flat by itself"] += len(run)
            continue
        if len(run) > 1:
            report[f"merged: {' + '.join(PARTS[piece.label] for piece in run)} to {kind}"] += 1
        entities.append(Entity(*_bounds(text, run), kind))
    return entities


def _runs(text: str, pieces: Iterable[LabelledPiece]) -> list[list[LabelledPiece]]:
    runs: list[list[LabelledPiece]] = []
    for piece in pieces:
        if runs and _continues(text, runs[-1], piece):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return runs


def _continues(text: str, run: Sequence[LabelledPiece], piece: LabelledPiece) -> bool:
    parts = [PARTS.get(other.label) for other in (*run, piece)]
    if None in parts:
        return False
    gap = text[run[-1].end : piece.start]
    if _NAME_PARTS.issuperset(parts):
        return _continues_name(gap, run, piece) and sum(a != b for a, b in pairwise(parts)) <= 1
    same_kind = _NAME_PARTS.isdisjoint(parts)
    return same_kind and parts[-1] not in parts[:-1] and _ADDRESS_GAP.fullmatch(gap) is not None


def _continues_name(gap: str, run: Sequence[LabelledPiece], piece: LabelledPiece) -> bool:
    before = run[-1]
    if not gap and before.label == piece.label:
        return False
    if before.end - before.start == 1:
        gap = gap.removeprefix(".")
    return _NAME_GAP.fullmatch(gap) is not None


def _run_type(run: Sequence[LabelledPiece]) -> EntityType | None:
    parts = {PARTS[piece.label] for piece in run if piece.label in PARTS}
    if not parts or (len(run) == 1 and not parts <= _DEPENDENT):
        return LABELS[run[0].label]
    if parts <= _NAME_PARTS:
        return EntityType.PERSON_NAME
    if parts <= _DEPENDENT:
        return None
    return EntityType.LOCATION if parts <= _PLACES else EntityType.ADDRESS


def _bounds(text: str, run: Sequence[LabelledPiece]) -> tuple[int, int]:
    start, end = run[0].start, run[-1].end
    if run[0].label in _WHOLE_NAMES and (bare := _BARE_NAME.fullmatch(text, start, end)):
        return bare.span(1)
    return start, end
