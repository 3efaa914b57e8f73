import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import DataError
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.json_lines import JsonLines

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.dictionaries(st.text(max_size=3), values, max_size=4), st.booleans(), st.sampled_from([None, 1]))
def test_json_fields_are_those_of_the_json_module(row: dict[str, object], ascii_only: bool, indent: int | None) -> None:
    line = json.dumps(row, ensure_ascii=ascii_only, indent=indent).replace("\n", " ")
    records = JsonLines(Columns(tuple(row))).records(io.StringIO(line, newline=""), "f")
    if any(isinstance(value, list | dict) for value in row.values()):
        with pytest.raises(DataError, match=r"(?s)f:1: the column .* holds (a list|an object)"):
            list(records)
        return
    ((record, found),) = records
    assert record == line
    values = [value for value in row.values() if value is not None and not isinstance(value, bool)]
    assert [cell.value for cell in found] == list(map(str, values))
    assert [json.loads(line[cell.start : cell.end]) for cell in found] == values


LINE = (
    '{"id": 7, "messages": [{"role": "user", "content": "a"}, {"content": "b", "n": 5}],'
    ' "a.b": "c", "u": {"p": ["d", 1]}}'
)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("messages[*].content", ["a", "b"]),
        ("messages[1].content", ["b"]),
        ("messages[*].n", ["5"]),
        ("a.b", ["c"]),
        ("u.p[*]", ["d", "1"]),
        ("u.p[0]", ["d"]),
        ("id", ["7"]),
    ],
)
def test_paths_lead_to_what_lies_deeper(column: str, values: list[str]) -> None:
    ((_, cells),) = JsonLines(Columns((column,))).records(io.StringIO(LINE, newline=""), "f")
    assert [cell.value for cell in cells] == values
    assert [str(json.loads(LINE[cell.start : cell.end])) for cell in cells] == values


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("messages[*].contents", r"has no column messages\[\*\]\.contents"),
        ("messages[9].content", "has no column"),
        ("messages[*]", "holds an object"),
        ("u.p", "holds a list"),
        ("messages[x].content", "has no column"),
    ],
)
def test_paths_to_nothing_or_to_more_than_a_value_are_refused(column: str, message: str) -> None:
    with pytest.raises(DataError, match=f"f:1: .*{message}"):
        list(JsonLines(Columns((column,))).records(io.StringIO(LINE, newline=""), "f"))


def test_two_columns_may_lead_to_one_value() -> None:
    columns = Columns(("messages[*].content", "messages[0].content"))
    ((_, cells),) = JsonLines(columns).records(io.StringIO(LINE, newline=""), "f")
    assert [cell.value for cell in cells] == ["a", "b"]


@pytest.mark.parametrize("line", ['{"a": NaN, "u": {"p": "x"}}', '{"u": {"p": "\\ud800"}}'])
def test_errors_behind_a_path_name_file_and_line(line: str) -> None:
    with pytest.raises(DataError, match=r"^f:1: "):
        list(JsonLines(Columns(("u.p",))).records(io.StringIO(line, newline=""), "f"))
