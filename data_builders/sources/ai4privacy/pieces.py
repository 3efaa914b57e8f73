"""The labelled pieces of a row: taken from its `privacy_mask`, whose offsets are checked against the text."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from schemas.errors import DataError, RecordError
from schemas.json_fields import parse_json


@dataclass(frozen=True, slots=True, order=True)
class LabelledPiece:
    """A half-open span of code points and the label that a version gives it."""

    start: int
    end: int
    label: str


class UnusableRowError(Exception):
    """A well-formed row whose annotation cannot be trusted; the message is the reason, by which readers count it."""


def mask_pieces(text: str, mask: object, place: str) -> list[LabelledPiece]:
    """The pieces of a `privacy_mask`, a list of objects or its JSON form, in order of position.

    Offsets count code points; where one does not fit, all of the row are taken as UTF-16 code units, if every value
    then stands exactly at its place. Raises UnusableRowError when offsets fit neither way or pieces overlap, DataError,
    which names `place`, for a malformed mask.
    """
    spans = _read_mask(mask, place)
    pieces = [
        LabelledPiece(start, end, label) for start, end, label, value in spans if _stands_at(text, start, end, value)
    ]
    if len(pieces) < len(spans):
        pieces = [_from_utf16(text.encode("utf-16-le"), *span) for span in spans]
    return _ordered(pieces)


def _ordered(pieces: list[LabelledPiece]) -> list[LabelledPiece]:
    ordered = sorted(pieces)
    if any(after.start < before.end for before, after in pairwise(ordered)):
        raise UnusableRowError("pieces overlap")
    return ordered


def _stands_at(text: str, start: int, end: int, value: str) -> bool:
    return start >= 0 and end - start == len(value) > 0 and text[start:end] == value


def _from_utf16(encoded: bytes, start: int, end: int, label: str, value: str) -> LabelledPiece:
    """The piece whose offsets count UTF-16 code units of the text, `encoded` as UTF-16."""
    wanted = value.encode("utf-16-le", "surrogatepass")
    if start < 0 or not 2 * (end - start) == len(wanted) > 0 or encoded[2 * start : 2 * end] != wanted:
        raise UnusableRowError("offsets do not match")
    first = len(encoded[: 2 * start].decode("utf-16-le"))
    return LabelledPiece(first, first + len(value), label)


def _read_mask(mask: object, place: str) -> list[tuple[int, int, str, str]]:
    if isinstance(mask, str):
        try:
            mask = parse_json(mask)
        except RecordError:
            raise DataError(f"{place}: privacy_mask is no JSON; expected a list of label, start, end, value") from None
    if not isinstance(mask, list):
        raise DataError(f"{place}: privacy_mask is {type(mask).__name__}, not a list of label, start, end and value")
    return [_read_span(item, place) for item in mask]


def _read_span(item: Any, place: str) -> tuple[int, int, str, str]:
    try:
        start, end, label, value = item["start"], item["end"], item["label"], item["value"]
    except (KeyError, TypeError):
        raise DataError(f"{place}: an item of privacy_mask lacks label, start, end or value") from None
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(label, str) and isinstance(value, str)):
        raise DataError(
            f"{place}: an item of privacy_mask has no whole numbers as offsets or no text as label and value"
        )
    return start, end, label, value
