"""Tables: alignment by terminal columns, and nothing that steers the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_sft.cli.shared.table import printable, render, width


@pytest.mark.parametrize(
    ("text", "columns"), [("", 0), ("abc", 3), ("张三", 4), ("１３８", 6), ("e\u0301", 1), ("😀", 2), ("ﾊﾟ", 2)]
)
def test_width_counts_terminal_columns(text: str, columns: int) -> None:
    assert width(text) == columns


def test_columns_line_up_under_wide_characters() -> None:
    lines = render(["type", "value", "end"], [["A", "张三", "4"], ["LONGER", "x", "15"]], colour=False).splitlines()
    assert lines == ["type    value  end", "A       张三   4", "LONGER  x      15"]


def test_colour_changes_nothing_but_attributes() -> None:
    table = (["a", "b"], [["张", "1"], ["x", "22"]])
    coloured = render(*table, colour=True)
    assert "\x1b[" in coloured
    for attribute in ("\x1b[1m", "\x1b[36m", "\x1b[0m"):
        coloured = coloured.replace(attribute, "")
    assert [line.rstrip() for line in coloured.splitlines()] == render(*table, colour=False).splitlines()


def test_control_characters_are_escaped() -> None:
    assert printable("a\x1b[31m\nb\u202e\t张　三") == "a\\x1b[31m\\nb\\u202e\\t张　三"


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_every_row_is_one_line_without_control_characters(rows: list[tuple[str, str]]) -> None:
    lines = render(["a", "b"], rows, colour=False).split("\n")
    assert len(lines) == len(rows) + 1
    assert all(char.isprintable() or char == "\u3000" or char.isspace() for line in lines for char in line)
