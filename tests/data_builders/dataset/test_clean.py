"""The checklist of a single row."""

import pytest

from data_builders.dataset.clean import alpaca_fault, estimate_tokens, fault, long_fault
from schemas.llm.alpaca import to_alpaca
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T

TEXT = "联系人王小明，电话13800138000。"
ENTITIES = (Entity(3, 6, T.PERSON_NAME), Entity(9, 20, T.PHONE_NUMBER))


def example(text: str = TEXT, entities: tuple[Entity, ...] = ENTITIES, source: str = "synthetic") -> Example:
    return Example(Document(text[:5], text), entities, source)


def test_a_clean_row_passes() -> None:
    assert fault(example()) is None
    assert alpaca_fault(example(), to_alpaca(example())) is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (example(" \n", ()), "empty text"),
        (example("<p>你好</p>", (), "ai4privacy"), "HTML debris"),
        (example("你好&nbsp;", (), "msra"), "HTML debris"),
        (example("我是 王小明", (Entity(2, 6, T.PERSON_NAME),)), "white space"),
    ],
)
def test_faults_of_a_row(row: Example, message: str) -> None:
    assert message in str(fault(row))


def test_synthetic_markup_and_comparisons_are_no_debris() -> None:
    assert fault(example("<td>你好</td>", ())) is None
    assert fault(example("3 < 5 且 a<b，x>y", (), "ai4privacy")) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input": "别的"}, "input differs"),
        ({"output": ""}, "not valid JSON"),
        ({"output": '{"entities":[]}'}, "output differs"),
        ({"instruction": "找出实体"}, "other types"),
    ],
)
def test_faults_of_the_alpaca_form(change: dict[str, str], message: str) -> None:
    assert message in str(alpaca_fault(example(), to_alpaca(example()) | change))


def test_long_rows_are_faults() -> None:
    assert long_fault(example(), 2048) is None
    assert long_fault(example("好" * 3000, ()), 2048) == "more than 2048 tokens"
    assert estimate_tokens("你好，world 12") == 2 + 1 + 2 + 1 + 2
