import csv
import io
import itertools
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from serving.scan.formats.registry import FORMATS

cells = st.text('ab,"\n\r电', max_size=4)
tables = st.lists(st.tuples(cells, cells), min_size=1, max_size=12)


@given(tables, st.integers(1, 40), st.sampled_from(["\n", "\r\n"]))
def test_parts_of_a_table_have_its_rows(
    tmp_path_factory: object, table: list[tuple[str, str]], size: int, end: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("x", "y"), *table])
    path = tmp_path_factory.mktemp("table") / "a.csv"  # type: ignore[attr-defined]
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    listing = FORMATS[".csv"].parts(0, str(path), ".csv", (), size)
    rows, bounds = [], []
    for part in listing.parts:
        bounds.append((part.start, part.end))
        chunks = list(FORMATS[".csv"].chunks(part, whole=False))
        rows += [tuple(cell.value for cell in row) for chunk in chunks for row in chunk.cells]
        assert chunks[-1].first == sum(len(chunk.cells) for chunk in chunks)
    assert rows == table
    assert all(first[1] == second[0] for first, second in itertools.pairwise(bounds))
    assert bounds[-1][1] == path.stat().st_size


@given(st.lists(st.text("ab电\r", max_size=6), max_size=12), st.integers(1, 20))
def test_parts_of_a_text_are_the_text(tmp_path_factory: object, lines: list[str], size: int) -> None:
    path: Path = tmp_path_factory.mktemp("text") / "a.txt"  # type: ignore[attr-defined]
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    parts = FORMATS[".txt"].parts(0, str(path), ".txt", (), size).parts
    stretches = [path.read_bytes()[part.start : part.end] for part in parts]
    assert b"".join(stretches) == path.read_bytes()
    assert all(stretch.endswith(b"\n") for stretch in stretches[:-1])
