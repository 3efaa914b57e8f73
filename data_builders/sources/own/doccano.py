"""doccano's export of a project of sequence labelling: JSON Lines.

    {"id": 1, "text": "我叫张三", "label": [[2, 4, "PER"]]}
    {"id": 1, "text": "我叫张三", "entities": [{"id": 7, "label": "PER", "start_offset": 2, "end_offset": 4}]}

https://doccano.github.io/doccano/
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_builders.sources.own.labelled import LabelledSpan, LabelledText, span_of, text_of
from data_builders.sources.tables import read_rows
from schemas.errors import DataError


def read_doccano(file: Path, text: str, report: Counter[str]) -> Iterator[LabelledText]:
    """The texts of a file, which stand in the field `text`; one without a label is annotated as having none.

    Raises DataError with file and line.
    """
    for place, row in read_rows(file):
        yield LabelledText(place, text_of(row, text, place), tuple(_spans(row, place)))


def _spans(row: dict[str, Any], place: str) -> Iterator[LabelledSpan]:
    items = next((row[key] for key in ("entities", "label", "labels") if isinstance(row.get(key), list)), None)
    if items is None:
        raise DataError(f"{place}: has no list label, labels or entities; export a project of sequence labelling")
    for item in items:
        if isinstance(item, dict):
            yield span_of(item.get("start_offset"), item.get("end_offset"), item.get("label"), place)
        elif isinstance(item, list) and len(item) == 3:
            start, end, label = item
            yield span_of(start, end, label, place)
        else:
            raise DataError(f"{place}: a label is not [start, end, name]; export a project of sequence labelling")
