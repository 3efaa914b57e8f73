"""Faults of a row by its schema: every one, by path, without the values."""

from typing import Any

import pytest

from data_builders.dataset.schema_faults import schema_faults
from schemas.llm.alpaca import to_row
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T

ROW = to_row(Example(Document("1", "找王小明"), (Entity(1, 4, T.PERSON_NAME),), "x", annotated=(T.PERSON_NAME,)))
ENTITY = ROW["entities"][0]


def test_a_row_of_ours_has_none() -> None:
    assert schema_faults(ROW) == []


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (["王小明"], "record: not an object"),
        (ROW | {"id": 7}, "id: not a string"),
        (ROW | {"王小明": 1}, "record: has other keys than id, text"),
        (ROW | {"types": "王小明"}, "types: not a list"),
        (ROW | {"types": ["王小明"]}, "types[0]: no entity type of the taxonomy"),
        (ROW | {"types": ["EMAIL", "EMAIL"]}, "types: an item is repeated"),
        (ROW | {"slices": {"length": 1}}, "slices.length: not a string"),
        (ROW | {"entities": [ENTITY, ENTITY | {"start": -1}]}, "entities[1].start: less than 0"),
        (ROW | {"entities": [ENTITY | {"end": 0}]}, "entities[0].end: less than 1"),
        (ROW | {"entities": [ENTITY | {"start": "1"}]}, "entities[0].start: not an integer"),
        (ROW | {"entities": [ENTITY | {"value": ""}]}, "entities[0].value: empty"),
        (ROW | {"entities": [{"type": "EMAIL"}]}, "entities[0]: missing value, start, end"),
    ],
)
def test_a_fault_is_named_by_its_path(row: Any, sentence: str) -> None:
    (fault,) = schema_faults(row)
    assert fault.startswith(sentence)
    assert "王小明" not in fault


def test_all_faults_of_a_row_are_named() -> None:
    row = ROW | {"id": 1, "text": None, "entities": [ENTITY | {"type": "NAME", "end": True}]}
    assert schema_faults(row) == [
        "entities[0].end: not an integer",
        "entities[0].type: no entity type of the taxonomy",
        "id: not a string",
        "text: not a string",
    ]
