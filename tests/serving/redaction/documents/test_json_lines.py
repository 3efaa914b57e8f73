import io
import json

from hypothesis import given
from hypothesis import strategies as st

from serving.redaction.documents.json_lines import JsonLines

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.dictionaries(st.text(max_size=3), values, max_size=4), st.booleans(), st.sampled_from([None, 1]))
def test_json_fields_are_those_of_the_json_module(row: dict[str, object], ascii_only: bool, indent: int | None) -> None:
    line = json.dumps(row, ensure_ascii=ascii_only, indent=indent).replace("\n", " ")
    ((record, found),) = JsonLines(tuple(row)).records(io.StringIO(line, newline=""), "f")
    assert record == line
    assert [cell.value for cell in found] == [value for value in row.values() if isinstance(value, str)]
    assert all(json.loads(line[cell.start : cell.end]) == cell.value for cell in found)
