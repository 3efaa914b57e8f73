"""PII Bench ZH (https://huggingface.co/datasets/wan9yu/pii-bench-zh, Apache-2.0): synthetic Chinese texts, JSON Lines.

    {"id": "zh_000001", "text": "傅杰的手机…", "entities": [{"text": "傅杰", "type": "person", "start": 0, "end": 2}]}

Copies are handed round that call a value `value` and the types by our names.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_builders.sources.own.labelled import LabelledSpan, LabelledText
from data_builders.sources.published.labels import Labels, checked_span, field_of
from data_builders.sources.tables import read_jsonl
from schemas.errors import DataError
from schemas.taxonomy import EntityType as T

_NAMES = {
    "person": T.PERSON_NAME,
    "phone": T.PHONE_NUMBER,
    "email": T.EMAIL,
    "address": T.ADDRESS,
    "id_number": T.ID_CARD_NUMBER,
    "passport": T.PASSPORT_NUMBER,
    "bank_card": T.BANK_CARD_NUMBER,
    "license_plate": T.LICENSE_PLATE,
}

LABELS: Labels = {**_NAMES, **{str(kind): kind for kind in _NAMES.values()}}
"""The labels, and the type of each."""


def read_pii_bench_zh(file: Path) -> Iterator[LabelledText]:
    """The texts of a file. Raises DataError with file and line."""
    for place, row in read_jsonl(file):
        text = field_of(row, "text", str, place)
        items = field_of(row, "entities", list, place)
        yield LabelledText(place, text, tuple(_span(item, text, place) for item in items))


def _span(item: Any, text: str, place: str) -> LabelledSpan:
    if not isinstance(item, dict):
        raise DataError(f"{place}: an entity is not an object")
    value = item.get("text", item.get("value"))
    return checked_span(item.get("start"), item.get("end"), item.get("type"), value, text, place)
