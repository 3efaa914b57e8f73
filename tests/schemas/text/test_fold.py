"""Folding keeps length and position."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.text.fold import fold

SCALARS = "".join(chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)


def test_length_is_kept_for_every_character() -> None:
    folded = fold(SCALARS)
    assert len(folded) == len(SCALARS)
    changed = [(before, after) for before, after in zip(SCALARS, folded, strict=True) if before != after]
    assert all(after == " " or after == unicodedata.normalize("NFKC", before) for before, after in changed)


def test_folding_twice_changes_nothing() -> None:
    assert fold(fold(SCALARS)) == fold(SCALARS)


def test_no_white_space_or_control_is_left_but_the_space() -> None:
    left = set(fold(SCALARS)) - {" "}
    assert not [char for char in left if char.isspace() or unicodedata.category(char) == "Cc"]


@given(st.text(), st.text())
def test_each_character_folds_by_itself(left: str, right: str) -> None:
    assert fold(left + right) == fold(left) + fold(right)
    assert len(fold(left)) == len(left)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("１３８ＡＢｃ＠", "138ABc@"),
        ("a\u3000b\u00a0c\nd\re\tf\x00g\x85h", "a b c d e f g h"),
        ("张三 é 😀", "张三 é 😀"),
        ("㎏½ﬁ", "㎏½ﬁ"),
        ("e\u0301\u200b", "e\u0301\u200b"),
    ],
    ids=["full width", "white space and controls", "plain", "longer NFKC form stays", "combining and zero width stay"],
)
def test_samples(text: str, folded: str) -> None:
    assert fold(text) == folded
