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
