"""CLUENER2020 (Xu et al. 2020, https://arxiv.org/abs/2001.04351; https://github.com/CLUEbenchmark/CLUENER2020).

News of Sina with ten fine-grained labels, JSON Lines; both ends of a value are counted in:

    {"text": "叶老桂说", "label": {"name": {"叶老桂": [[0, 2]]}}}

An `address` is any place, from a country to a house number, so that it is neither ADDRESS nor LOCATION here, and a
`scene` alone would leave most places unmarked.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data_builders.sources.own.labelled import LabelledSpan, LabelledText
from data_builders.sources.published.labels import Labels, checked_span, field_of
from data_builders.sources.tables import read_jsonl
from schemas.errors import DataError
from schemas.taxonomy import EntityType as T

LABELS: Labels = {
    "name": T.PERSON_NAME,
    **dict.fromkeys(("company", "government", "organization"), T.ORGANIZATION),
    "position": T.JOB_TITLE,
    **dict.fromkeys(("address", "scene", "book", "game", "movie")),
}
"""The labels, and the type of each."""


def read_cluener(file: Path) -> Iterator[LabelledText]:
    """The texts of a file. Raises DataError with file and line."""
    for place, row in read_jsonl(file):
        text = field_of(row, "text", str, place)
        labels = field_of(row, "label", dict, place)
        yield LabelledText(place, text, tuple(_spans(labels, text, place)))


def _spans(labels: Mapping[str, Any], text: str, place: str) -> Iterator[LabelledSpan]:
    for label in labels:
        for value, positions in field_of(labels, label, dict, place).items():
            for pair in positions if isinstance(positions, list) else [positions]:
                if not isinstance(pair, list) or len(pair) != 2 or type(pair[1]) is not int:
                    raise DataError(f"{place}: a position of {label} is not [start, end]")
                yield checked_span(pair[0], pair[1] + 1, label, value, text, place)
