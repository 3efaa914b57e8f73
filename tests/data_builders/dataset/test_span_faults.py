"""Faults of spans, whatever else is wrong with a row."""

from typing import Any

import pytest

from data_builders.dataset.span_faults import span_faults

TEXT = "王小明和李雷的电话"
FIRST = {"type": "PERSON_NAME", "value": "王小明", "start": 0, "end": 3}
SECOND = {"type": "PERSON_NAME", "value": "李雷", "start": 4, "end": 6}


@pytest.mark.parametrize(
    ("entities", "faults"),
    [
        ([FIRST, SECOND], []),
        ([FIRST | {"value": "王小"}, SECOND], ["entities[0].value: differs from the text at [0, 3)"]),
        ([FIRST, SECOND | {"end": 40}], ["entities[1]: [4, 40) is outside the text, which has 9 characters"]),
        ([FIRST | {"start": 3}], ["entities[0]: [3, 3) is empty"]),
        ([SECOND, FIRST], ["entities[1]: comes before entities[0]"]),
        ([FIRST, FIRST], ["entities[1]: overlaps entities[0]"]),
        (
            [FIRST | {"type": "EMAIL"}],
            ["entities[0].type: is not one of types, which are those that the row annotates"],
        ),
        (
            [SECOND | {"value": "王小明", "type": "EMAIL"}, 7, FIRST],
            [
                "entities[0].value: differs from the text at [4, 6)",
                "entities[0].type: is not one of types, which are those that the row annotates",
                "entities[2]: comes before entities[0]",
            ],
        ),
        (["x", {}, FIRST | {"start": True}, FIRST | {"end": None}, FIRST | {"type": 1}, FIRST | {"start": -1}], []),
    ],
)
def test_a_fault_is_named_by_its_path(entities: list[Any], faults: list[str]) -> None:
    assert span_faults({"text": TEXT, "types": ["PERSON_NAME"], "entities": entities}) == faults


@pytest.mark.parametrize("row", [[], {}, {"text": 1, "entities": []}, {"text": "", "entities": {}}])
def test_what_is_no_row_has_no_span(row: object) -> None:
    assert span_faults(row) == []
