"""Marks of emphasis, and asterisks that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.text.fold import fold
from schemas.text.markup import without_emphasis
from schemas.text.text import Text


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("- **贾明**：主讲", "-   贾明  ：主讲"),
        ("由**贾明**负责，**祁连**协助", "由  贾明  负责，  祁连  协助"),
        ("***贾明***", "   贾明   "),
        ("* *贾明* 到", "*  贾明  到"),
        ("|**贾明**|**祁连**|", "|  贾明  |  祁连  |"),
        ("**电话：**１３６", "  电话：  136"),
    ],
)
def test_marks_of_emphasis_become_spaces(marked: str, plain: str) -> None:
    assert without_emphasis(Text.of(marked)) == fold(plain)


@pytest.mark.parametrize(
    "text",
    [
        "王**、李**",
        "客户王**和李**到场",
        "王*明、李*军",
        "136****5678，1101**********0011",
        "2**3**4",
        "a ** b ** c",
        "*.py *.txt",
        "**贾明\n祁连**",
        r"\*\*贾明\*\*",
        "* 贾明\n* 祁连",
    ],
)
def test_other_asterisks_stay(text: str) -> None:
    assert without_emphasis(Text.of(text)) == fold(text)


@given(st.text("*张a1 \n＊|", max_size=30))
def test_positions_stay(text: str) -> None:
    plain = without_emphasis(Text.of(text))
    assert len(plain) == len(text)
    assert all(new == old or (old, new) == ("*", " ") for old, new in zip(fold(text), plain, strict=True))
