"""Reader of every published ai4privacy version (https://huggingface.co/ai4privacy)."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from data_builders.sources.ai4privacy.align import aligned_pieces
from data_builders.sources.ai4privacy.labels import AMBIGUOUS, label_type
from data_builders.sources.ai4privacy.language import language_code, row_language
from data_builders.sources.ai4privacy.licence import find_repository
from data_builders.sources.ai4privacy.merge_pieces import merge_pieces
from data_builders.sources.ai4privacy.pieces import LabelledPiece, UnusableRowError, mask_pieces
from data_builders.sources.ai4privacy.versions import annotated_types, check_label
from schemas.errors import DataError, InvalidTextError
from schemas.spans.entity import Document, Entity, Example
from schemas.text.text import check_text

_TEXT = "source_text"
"""The text column beside `privacy_mask`: 200k and later."""
_OLDER = {"unmasked_text": "masked_text", "Filled Template": "Template"}
"""Text and masked text columns of the versions without offsets: 65k and the first 200k; 43k."""


def read_ai4privacy(
    rows: Iterable[tuple[str, Mapping[str, Any]]], languages: Collection[str], report: Counter[str], version: str
) -> Iterator[Example]:
    """Yield an example for each usable row in one of `languages` (codes or English names).

    `rows` are pairs of a place (`file:line`, for messages and ids) and the columns; nothing is kept between rows.
    `version` is a short name or a repository from `licence.REPOSITORIES`: rows do not tell it reliably, and it decides
    which types are `annotated`; entities of other types are left out. `report` counts rows, languages, rows dropped and
    why, pieces mapped to each type, labels ignored, merges, and what was left out. Raises DataError for an unknown
    version, and with the place for missing columns, a malformed mask and an unknown label.
    """
    version, wanted = find_repository(version).version, {language_code(name) for name in languages}
    for place, row in rows:
        language = row_language(row, place, version)
        report["rows"] += 1
        report[f"rows in {language}" if language else "dropped: no language"] += 1
        if language not in wanted:
            continue
        try:
            yield _read_row(row, place, version, report)
        except UnusableRowError as reason:
            report[f"dropped: {reason}"] += 1


def _read_row(row: Mapping[str, Any], place: str, version: str, report: Counter[str]) -> Example:
    text, pieces = _read_pieces(row, place)
    types = [label_type(piece.label, place) for piece in pieces if piece.label not in AMBIGUOUS]
    for piece in pieces:
        check_label(piece.label, version, place)
    if len(types) < len(pieces):
        raise UnusableRowError(f"{' or '.join(sorted(AMBIGUOUS))} may stand for several types")
    for piece, kind in zip(pieces, types, strict=True):
        report[f"mapped to {kind}" if kind else f"ignored: {piece.label}"] += 1
    ours = [piece for piece, kind in zip(pieces, types, strict=True) if kind]
    annotated = annotated_types(version)
    entities = []
    for entity in merge_pieces(text, ours, report):
        if entity.type in annotated:
            entities.append(entity)
        else:
            report[f"left out: {entity.type}, which {version} does not mark throughout"] += 1
    return _example(row, place, version, text, entities)


def _read_pieces(row: Mapping[str, Any], place: str) -> tuple[str, list[LabelledPiece]]:
    for column in (_TEXT, *_OLDER):
        if column in row:
            text = _valid_text(row[column])
            if column == _TEXT:
                return text, mask_pieces(text, row.get("privacy_mask"), place)
            return text, aligned_pieces(text, _masked_text(row, _OLDER[column], place))
    raise DataError(f"{place}: no text column; expected one of {', '.join((_TEXT, *_OLDER))}")


def _valid_text(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise UnusableRowError("no text")
    try:
        check_text(text)
    except InvalidTextError:
        raise UnusableRowError("text is not valid Unicode") from None
    return text


def _masked_text(row: Mapping[str, Any], column: str, place: str) -> str:
    masked = row.get(column)
    if not isinstance(masked, str):
        raise DataError(f"{place}: no column {column!r} with the masked text")
    return masked


def _example(row: Mapping[str, Any], place: str, version: str, text: str, entities: list[Entity]) -> Example:
    uid = row.get("uid", row.get("id"))
    document = Document(f"ai4privacy-{Path(place).name if uid is None else uid}", text)
    return Example(document, tuple(entities), "ai4privacy", version, annotated_types(version))
