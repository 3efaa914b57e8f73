import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from schemas.errors import DataError
from serving.engines.rules.engine import RulesEngine
from serving.redaction import OperatorName, RedactionSession
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.text_redactor import TextRedactor
from serving.redaction.documents.text_restorer import TextRestorer
from tests.finding import behind_names
from tests.serving.redaction.documents.crossed import CROSSED, Crossing, redact_file, restore_file


def redacted(tmp_path: Path, name: str, content: str | bytes, *columns: str, optional: Sequence[str] = ()) -> str:
    source, target = tmp_path / name, tmp_path / f"out-{name}"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    redact_file(source, target, Columns(columns, optional), CROSSED)
    return target.read_bytes().decode()


def test_json_lines_keep_all_but_the_values(tmp_path: Path) -> None:
    content = (
        '\ufeff{"id": 7, "text": "电话123" ,"n":[1, {"text":"4"}], "more":  "5"}\r\n'
        "\n"
        '{"text":"\\u7535\\u8bdd12"}\n{"text":null,"x":"1"}\n  {  }\n{"text":"no digits \\u00e9"}'
    )
    assert redacted(tmp_path, "a.jsonl", content, optional=["text", "more"]) == (
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


NOT_TEXT = "only texts and numbers can be redacted"


@pytest.mark.parametrize(
    ("name", "content", "columns", "told"),
    [
        ("a.jsonl", '{"text":"1"}\n{"text":"2"', ["text"], r"a\.jsonl:2: not a JSON object"),
        ("a.jsonl", '{"text":"1"} x', ["text"], r"a\.jsonl:1: not a JSON object"),
        ("a.jsonl", "[1]", ["text"], r"a\.jsonl:1: not a JSON object"),
        ("a.jsonl", '{7:"1"}', ["7"], r"a\.jsonl:1: not a JSON object"),
        ("a.jsonl", '{"text":' + "[" * 100_000, ["text"], r"a\.jsonl:1: not a JSON object, or one that nests too deep"),
        ("a.jsonl", '{"text":"\\ud800"}', ["text"], r"a\.jsonl:1: text has a lone surrogate"),
        ("a.jsonl", '{"text":"1"}', [], "name the columns"),
        ("a.jsonl", '{"text":"1"}', ["note"], r"a\.jsonl:1: has no column note"),
        ("a.jsonl", '{"text":"1","note":""}\n\n{"text":"1"}', ["text", "note"], r"a\.jsonl:3: has no column note"),
        ("a.jsonl", '{"text":["1"]}', ["text"], rf"a\.jsonl:1: the column text holds a list; {NOT_TEXT}"),
        ("a.jsonl", '{"text":""}\n{"text":{}}', ["text"], rf"a\.jsonl:2: the column text holds an object; {NOT_TEXT}"),
        ("a.jsonl", b'{"text":"\xff"}', ["text"], "not UTF-8 near record 1"),
        ("a.csv", "x,y\n1,2\n", ["text"], r"a\.csv:1: has no column text"),
        ("a.csv", 'text,y\n5" disk,1\n6" disk,2\n', ["text"], r"a\.csv:2: has a quotation mark inside an unquoted"),
        ("a.csv", 'text,y\n"5" disk,1\n', ["text"], r"a\.csv:2: has a quotation mark inside an unquoted"),
        ("a.csv", 'text,y\n"5,1\n', ["text"], r"a\.csv:2: a quote is not closed"),
        ("a.csv", "x,text\n1\n", ["text"], r"a\.csv:2: has 1 cells under 2 columns"),
        ("a.csv", "text,y\n1,2\n3, 4,5\n", ["text"], r"a\.csv:3: has 3 cells under 2 columns.* a comma"),
        ("a.tsv", "text\ty\n1\t2\t3\n", ["text"], r"a\.tsv:2: has 3 cells under 2 columns.* a tab"),
        ("a.parquet", "none", ["text"], r"a\.parquet: not a Parquet file"),
        ("a.docx", "x", [], r"a\.docx: cannot read this kind of file"),
    ],
)
def test_files_that_are_none_are_named_and_leave_nothing(
    tmp_path: Path, name: str, content: str | bytes, columns: list[str], told: str
) -> None:
    with pytest.raises(DataError, match=told):
        redacted(tmp_path, name, content, *columns)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", "".join(f'{{"n": {n}, "id": 7}}\n' for n in ("13800138000", "13800138000.0", "1.3800138e10"))),
        ("a.jsonl", '{"n": "13800138000.0", "id": 7}\n{"n": "13800138000"}\n{"n": 5}\n{"n": null}\n{"n": 1e400}\n'),
        ("a.csv", "n,id\n13800138000.0,7\n1.3800138E+10,7\n13800138000,7\n+86 13800138000,7\n"),
        ("a.json", '{"n": [13800138000.0, "13800138000", 13800138000, 1e400, NaN]}'.replace(", NaN", "")),
    ],
)
@pytest.mark.parametrize("operator", ["pseudonym", "hash", "surrogate"])
def test_numbers_are_read_for_what_they_say_and_come_back_as_they_were_written(
    tmp_path: Path, name: str, content: str, operator: OperatorName
) -> None:
    session = RedactionSession(operator, hash_key=b"key")
    (tmp_path / name).write_text(content)
    redactor = TextRedactor(behind_names(RulesEngine().detect), session)
    redact_file(tmp_path / name, tmp_path / "out", Columns(["n"]), redactor)
    written = (tmp_path / "out").read_text()
    assert "38001380" not in written.replace(".", "")
    for columns in (Columns([]), Columns(["n"])):
        (tmp_path / f"back-{name}").write_text(written)
        restore_file(tmp_path / f"back-{name}", tmp_path / "again", columns, TextRestorer(session.replacement_map))
        assert (tmp_path / "again").read_text() == content
    if operator == "hash":
        assert len(set(re.findall("PHONE_NUMBER_([0-9a-f]{12})", written))) == 1


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_a_byte_order_mark_is_kept_and_no_part_of_the_text(tmp_path: Path, name: str) -> None:
    texts = list[str]()
    content = {"a.txt": "张三1", "a.jsonl": '{"text": "张三1"}', "a.csv": '"text"\n张三1'}[name]
    (tmp_path / name).write_text(content, encoding="utf-8-sig")

    class Noting(Crossing):
        def texts(self, batch: Sequence[str]) -> list[str]:
            texts.extend(batch)
            return super().texts(batch)

    redact_file(tmp_path / name, tmp_path / "out", Columns(["text"]), Noting(CROSSED.find, CROSSED.session))
    assert texts == ["张三1"]
    assert (tmp_path / "out").read_bytes().decode() == "\ufeff" + content.replace("1", "#")


def test_optional_columns_are_those_that_some_records_lack(tmp_path: Path) -> None:
    columns = Columns(["text"], ["note", "typo"])
    for name, content, expected in (
        ("a.jsonl", '{"text":"1"}\n{"text":"2","note":"3"}\n', '{"text":"#"}\n{"text":"#","note":"#"}\n'),
        ("b.csv", "id,text\n1,2\n", "id,text\n1,#\n"),
    ):
        (tmp_path / name).write_text(content)
        redact_file(tmp_path / name, tmp_path / "out", columns, CROSSED)
        assert (tmp_path / "out").read_text() == expected
    with pytest.raises(DataError, match="no record has the column typo"):
        columns.check_found()


def test_names_may_be_as_long_as_the_system_lets_them(tmp_path: Path) -> None:
    name = "长" * 83 + ".txt"
    assert redacted(tmp_path, "a.txt", "1") == "#"
    (tmp_path / name).write_text("1")
    assert redact_file(tmp_path / name, tmp_path / name, Columns([]), CROSSED) == 1
