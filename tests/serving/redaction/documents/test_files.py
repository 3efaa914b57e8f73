from collections.abc import Sequence
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from schemas.errors import DataError
from serving.redaction.documents.files import files_in, redact_file


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
        ("a.jsonl", '{"text":"1"}', [], "name the columns"),
        ("a.jsonl", b'{"text":"\xff"}', ["text"], "not UTF-8 near record 1"),
        ("a.csv", "x,y\n1,2\n", ["text"], r"a\.csv: has no column text"),
        ("a.csv", 'text,y\n5" disk,1\n6" disk,2\n', ["text"], r"a\.csv:2: has a quotation mark inside an unquoted"),
        ("a.csv", 'text,y\n"5" disk,1\n', ["text"], r"a\.csv:2: has a quotation mark inside an unquoted"),
        ("a.csv", 'text,y\n"5,1\n', ["text"], r"a\.csv:2: a quote is not closed"),
        ("a.csv", "x,text\n1\n", ["text"], r"a\.csv:2: has only 1 cells"),
        ("a.parquet", "none", ["text"], r"a\.parquet: not a Parquet file"),
        ("a.docx", "x", [], r"a\.docx: cannot redact this kind of file"),
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
        with pytest.raises(DataError, match=f"has no text column {column}"):
            redact_file(tmp_path / "a.parquet", tmp_path / "b.parquet", [column], crossed)


def test_a_folder_gives_the_files_whose_endings_are_known(tmp_path: Path) -> None:
    for name in ("b.CSV", "a.txt", "c.png", "deep/d.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in files_in(tmp_path)] == ["a.txt", "b.CSV", "d.parquet"]
