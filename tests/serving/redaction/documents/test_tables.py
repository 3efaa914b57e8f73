import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import DataError
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.tables import Csv

cells = st.text(st.sampled_from('ab1,"\n\r;é中'), max_size=5)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=5))
def test_csv_cells_are_those_of_the_csv_module(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["x", "y", "z"], *rows])
    written = io.StringIO(file.getvalue(), newline="")
    records = list(Csv(Columns(("x", "z"))).records(written, "f"))
    assert "".join(record for record, _ in records) == file.getvalue()
    assert [[cell.value for cell in found] for _, found in records[1:]] == [[row[0], row[2]] for row in rows]


PHONES = ["13800138000", "+86 138-0013-8000", "１３８００１３８０００"]
CARDS = ["11010519491231002X", "6222 0212 3456 7890 123"]


@pytest.mark.parametrize("cell", [*PHONES, *CARDS, " lilei@example.com"])
def test_a_first_row_of_data_is_no_header(cell: str) -> None:
    with pytest.raises(DataError, match="f:1: cell 2 looks like data; the first row must name the columns"):
        list(Csv(Columns(("x",))).records(io.StringIO(f"x,{cell}\n1,2\n"), "f"))


def test_dates_years_and_examples_name_columns() -> None:
    header = "2024,20240101,2024-01-01 00:00:00,x@y,1234567890123,手机(如13800138000),20240101120000"
    assert list(Csv(Columns(("2024",))).records(io.StringIO(header), "f")) == [(header, [])]
