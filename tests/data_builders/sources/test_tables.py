import json
import sys
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from data_builders.sources.tables import read_rows
from schemas.errors import DataError


def test_jsonl_rows_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('\ufeff{"n": 1}\n\r\n{"n": "值\u2028"}\r\n'.encode())
    assert list(read_rows(path)) == [(f"{path}:1", {"n": 1}), (f"{path}:3", {"n": "值\u2028"})]


def test_csv_rows_with_long_and_broken_cells(tmp_path: Path) -> None:
    path, long = tmp_path / "a.csv", "长" * 200_000
    path.write_bytes(f'\ufeffa,b\r\n1,"x\ny"\r\n\r\n{long},\r\n'.encode())
    assert list(read_rows(path)) == [(f"{path}:2", {"a": "1", "b": "x\ny"}), (f"{path}:5", {"a": long, "b": ""})]


def test_parquet_rows_over_several_batches(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"n": range(2500), "list": [["a"]] * 2500}), path, row_group_size=700)
    rows = list(read_rows(path))
    assert rows[0] == (f"{path}: row 1", {"n": 0, "list": ["a"]})
    assert rows[-1] == (f"{path}: row 2500", {"n": 2499, "list": ["a"]})
    assert len(rows) == 2500


def test_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/1.jsonl", "c.JSONL", "a.jsonl"):
        (tmp_path / name).write_text(json.dumps({"name": name}))
    (tmp_path / "README.md").write_text("no table")
    assert [row["name"] for _, row in read_rows(tmp_path)] == ["a.jsonl", "b/1.jsonl", "c.JSONL"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"a": 1}\n{"a": \n', r"a\.jsonl:2: not valid JSON"),
        ("a.jsonl", b"{}\n[1]\n", r"a\.jsonl:2: not a JSON object"),
        ("a.jsonl", b'{}\n{"a": "\xd5\xc5"}\n', r"a\.jsonl:2: byte 7 is not UTF-8"),
        ("a.csv", b"a,b\n1,2\n\xd5\xc5,2\n", r"a\.csv:3: byte 0 is not UTF-8"),
        ("a.csv", b'a,b\n"1\n2",3\n1,2,3\n', r"a\.csv:4: 3 cells under 2 columns"),
        ("a.csv", b'a,b\n1,2\n"1,2\n', r"a\.csv:3: not CSV"),
        ("a.csv", b"", r"a\.csv:1: the first line must name the columns"),
        ("a.csv", b"a,a\n1,2\n", r"a\.csv:1: the first line must name the columns"),
        ("a.parquet", b"PAR1 and no more", r"a\.parquet: cannot be read as Parquet"),
        ("a.xlsx", b"", r"a\.xlsx: unknown kind of table"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        list(read_rows(tmp_path / name))


def test_messages_do_not_quote_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"phone": "13800138000"')
    with pytest.raises(DataError) as caught:
        list(read_rows(tmp_path))
    assert "13800138000" not in str(caught.value)


def test_parquet_string_that_is_not_utf8(tmp_path: Path) -> None:
    bad = pyarrow.array([b"\xd5\xc5"], pyarrow.binary()).cast(pyarrow.string(), safe=False)
    parquet.write_table(pyarrow.table({"text": bad}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"a\.parquet: cannot be read"):
        list(read_rows(tmp_path))


def test_missing_path_and_folder_without_tables(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none: no such file or folder"):
        list(read_rows(tmp_path / "none"))
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match=r"holds no file that ends in \.jsonl, \.csv, \.parquet"):
        list(read_rows(tmp_path))


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet.write_table(pyarrow.table({"n": [1]}), tmp_path / "a.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"install pii-sft\[data\]"):
        list(read_rows(tmp_path))
