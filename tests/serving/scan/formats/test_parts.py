import csv
import io
import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.scan.formats.registry import FORMATS
from serving.scan.parts import ReadError

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


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("姓名,电话\n张三,1\n李四,2\n".encode("gbk"), "its header is not UTF-8; save it as UTF-8"),
        (b'a,"b\n1,2\n', "a quote is not closed"),
        (b"x" * (64 << 20) + b'"\n1\n2\n', "has a record of more than 64 MB; a quote may not be closed"),
    ],
)
def test_a_header_that_cannot_be_read_is_a_fault_of_the_file(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(ReadError, match=re.escape(told)):
        FORMATS[".csv"].parts(0, str(tmp_path / "a.csv"), ".csv", (), 1 << 20)


def test_a_header_may_be_long_and_rows_behind_it_may_not_be_utf8(tmp_path: Path) -> None:
    names = [f"{number:04}{'电' * 40}" for number in range(2000)]
    record = ",".join(names)
    (tmp_path / "a.csv").write_bytes(f"\ufeff{record}\n{record}\n".encode() + b"\xff\n")
    (part,) = FORMATS[".csv"].parts(0, str(tmp_path / "a.csv"), ".csv", (), 1 << 20).parts
    first, last = FORMATS[".csv"].chunks(part, whole=False)
    assert part.header == tuple(names) and [cell.value for cell in first.cells[0]] == names
    assert first.faults == {1: "not UTF-8"} and last.first == 2


@pytest.mark.parametrize(("name", "before"), [("a.log", b""), ("a.csv", b"\xef\xbb\xbfa,b\n"), ("a.jsonl", b"")])
def test_rows_that_come_after_the_parts_are_not_copied(tmp_path: Path, name: str, before: bytes) -> None:
    path, ending = tmp_path / name, Path(name).suffix
    path.write_bytes(before)
    parts = FORMATS[ending].parts(0, str(path), ending, (), 100).parts
    assert not sum(part.size for part in parts)
    path.write_bytes(before + b'{"a": 13800138000}\n')
    copy = io.BytesIO()
    with FORMATS[ending].joining(parts, str(path), (), copy):
        pass
    assert copy.getvalue() == before
