import csv
import io

from hypothesis import given
from hypothesis import strategies as st

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
