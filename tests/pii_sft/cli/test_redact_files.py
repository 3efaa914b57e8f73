import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from pii_sft.cli import main
from pii_sft.redact_files import redact_file
from schemas.errors import DataError
from serving.redaction.documents.cells import Csv, JsonLines

Capture = pytest.CaptureFixture[str]


def crossed(texts: Sequence[str]) -> list[str]:
    """Stands in for redaction: it crosses out digits, and adds what needs quotes."""
    return [
        "".join("#" if char.isdigit() else char for char in text) + ('",\n' if "!" in text else "") for text in texts
    ]


def redacted(tmp_path: Path, name: str, content: str | bytes, *columns: str) -> str:
    source, target = tmp_path / name, tmp_path / f"out-{name}"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    redact_file(source, target, columns, crossed)
    return target.read_bytes().decode()


def test_json_lines_keep_all_but_the_values(tmp_path: Path) -> None:
    content = (
        '\ufeff{"id": 7, "text": "电话123" ,"n":[1, {"text":"4"}], "more":  "5"}\r\n'
        "\n"
        '{"text":"\\u7535\\u8bdd12"}\n{"text":null,"x":"1"}\n  {  }\n{"text":"no digits \\u00e9"}'
    )
    assert redacted(tmp_path, "a.jsonl", content, "text", "more") == (
        '\ufeff{"id": 7, "text": "电话###" ,"n":[1, {"text":"4"}], "more":  "#"}\r\n'
        "\n"
        '{"text":"\\u7535\\u8bdd##"}\n{"text":null,"x":"1"}\n  {  }\n{"text":"no digits \\u00e9"}'
    )


def test_csv_keeps_all_but_the_values(tmp_path: Path) -> None:
    content = '\ufeffid,"text",other\r\n1,call 12,9\r\n"2","say ""3""\n4",5\r\n3,,\r\n4,a! 5,x\r\n\r\n'
    assert redacted(tmp_path, "a.csv", content, "text") == (
        '\ufeffid,"text",other\r\n1,call ##,9\r\n"2","say ""#""\n#",5\r\n3,,\r\n4,"a! #"",\n",x\r\n\r\n'
    )
    assert redacted(tmp_path, "a.tsv", "a\tb\n1,2\t3\n", "a") == "a\tb\n#,#\t3\n"


cells = st.text(st.sampled_from('ab1,"\n\r;é中'), max_size=5)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=5))
def test_csv_cells_are_those_of_the_csv_module(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["x", "y", "z"], *rows])
    written = io.StringIO(file.getvalue(), newline="")
    records = list(Csv(("x", "z")).records(written, "f"))
    assert "".join(record for record, _ in records) == file.getvalue()
    assert [[cell.value for cell in found] for _, found in records[1:]] == [[row[0], row[2]] for row in rows]


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


def test_parquet_keeps_types_and_other_columns(tmp_path: Path) -> None:
    table = pyarrow.table(
        {"id": pyarrow.array([1, 2, 3], pyarrow.int32()), "text": ["a1", None, "b22"], "other": ["1", "2", "3"]}
    )
    table = table.replace_schema_metadata({"made": "by hand"})
    parquet.write_table(table, tmp_path / "a.parquet")
    assert redact_file(tmp_path / "a.parquet", tmp_path / "b.parquet", ["text"], crossed) == 3
    made = parquet.read_table(tmp_path / "b.parquet")
    assert made.schema.equals(table.schema, check_metadata=True)
    assert made.column("text").to_pylist() == ["a#", None, "b##"]
    assert made.drop_columns(["text"]).equals(table.drop_columns(["text"]))


@pytest.mark.parametrize(
    ("name", "content", "columns", "told"),
    [
        ("a.jsonl", '{"text":"1"}\n{"text":"2"', ["text"], r"a\.jsonl:2: not a JSON object"),
        ("a.jsonl", '{"text":"1"} x', ["text"], r"a\.jsonl:1: not a JSON object"),
        ("a.jsonl", "[1]", ["text"], r"a\.jsonl:1: not a JSON object"),
        ("a.jsonl", '{"text":"\\ud800"}', ["text"], r"a\.jsonl:1: text has a lone surrogate"),
        ("a.jsonl", '{"text":"1"}', [], "which columns"),
        ("a.jsonl", b'{"text":"\xff"}', ["text"], "not UTF-8 near record 1"),
        ("a.csv", "x,y\n1,2\n", ["text"], r"a\.csv: has no column text"),
        ("a.csv", 'text,y\n5" disk,1\n6" disk,2\n', ["text"], r"a\.csv:2: a quote where none may be"),
        ("a.csv", 'text,y\n"5" disk,1\n', ["text"], r"a\.csv:2: a quote where none may be"),
        ("a.csv", 'text,y\n"5,1\n', ["text"], r"a\.csv:2: a quote is not closed"),
        ("a.csv", "x,text\n1\n", ["text"], r"a\.csv:2: has 1 cells, too few"),
        ("a.parquet", "none", ["text"], r"a\.parquet: not a Parquet file"),
        ("a.docx", "x", [], r"a\.docx: files end in"),
    ],
)
def test_files_that_are_none_are_named_and_leave_nothing(
    tmp_path: Path, name: str, content: str | bytes, columns: list[str], told: str
) -> None:
    with pytest.raises(DataError, match=told):
        redacted(tmp_path, name, content, *columns)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_parquet_column_must_hold_strings(tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"id": [1]}), tmp_path / "a.parquet")
    for column in ("id", "none"):
        with pytest.raises(DataError, match=f"has no column {column} of strings"):
            redact_file(tmp_path / "a.parquet", tmp_path / "b.parquet", [column], crossed)


@pytest.mark.usefixtures("rules")
def test_folders_on_the_command_line(tmp_path: Path, capsys: Capture) -> None:
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    (source / "a.jsonl").write_text('{"id":"13800138000","text":"打13800138000"}\n', encoding="utf-8")
    (source / "deep" / "b.txt").write_text("再打13800138000\r\n", encoding="utf-8", newline="")
    (source / "c.png").write_bytes(b"\x89")
    assert main(["redact", str(source), "--out", str(tmp_path / "out"), "--column", "text"]) == 0
    assert (tmp_path / "out" / "a.jsonl").read_text(
        encoding="utf-8"
    ) == '{"id":"13800138000","text":"打[PHONE_NUMBER_1]"}\n'
    assert (tmp_path / "out" / "deep" / "b.txt").read_bytes().decode() == "再打[PHONE_NUMBER_1]\r\n"
    assert not (tmp_path / "out" / "c.png").exists() and "a.jsonl: 1 records" in capsys.readouterr().err
    for arguments, told in (
        (["redact", "电话", "--column", "text"], "--column is for files"),
        (["redact", str(tmp_path / "none"), "--out", "x"], "no such file or folder"),
        (["redact", str(source), "--out", str(source)], "lies in what is redacted"),
        (["redact", str(source), "--out", str(source / "deep" / "out")], "lies in what is redacted"),
        (["redact", str(tmp_path / "out" / "deep"), "--out", str(tmp_path / "o")], ""),
    ):
        assert main(arguments) == (2 if told else 0)
        assert told in capsys.readouterr().err
