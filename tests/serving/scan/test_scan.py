import json
import os
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from schemas.errors import DataError, ModelError, PiiSftError, RefusedTextError
from schemas.spans.prediction import Prediction
from tests.serving.scan.cases import CARD, EMAIL, PHONE, contents, findings, quarantined, scanned, write_files


def test_findings_of_all_formats_are_exact(tmp_path: Path) -> None:
    outcome = scanned([write_files(tmp_path / "in")], tmp_path / "out")
    assert findings(tmp_path / "out") == [
        ("a.csv", 0, "text", "PHONE_NUMBER", 2, 13),
        ("a.csv", 2, "text", "EMAIL", 3, 20),
        ("b.jsonl", 0, "m[*].c", "PHONE_NUMBER", 1, 12),
        ("b.jsonl", 2, "m[*].c", "ID_CARD_NUMBER", 3, 21),
        ("c/d.log", 1, "text", "EMAIL", 1, 18),
        ("c/d.log", 3, "text", "PHONE_NUMBER", 1, 12),
        ("e.parquet", 0, "text", "PHONE_NUMBER", 2, 13),
        ("e.parquet", 2, "text", "ID_CARD_NUMBER", 3, 21),
    ]
    assert quarantined(tmp_path / "out") == [] and not outcome.quarantined
    figures = outcome.figures
    assert (figures["rows"], figures["rows_searched"], figures["rows_with_pii"]) == (14, 14, 8)
    assert {kind["type"]: kind["count"] for kind in figures["types"]} == {
        "PHONE_NUMBER": 4,
        "EMAIL": 2,
        "ID_CARD_NUMBER": 2,
    }
    assert [file["columns_not_read"] for file in figures["files"]] == [[], [], [], ["id"]]


def test_values_are_written_only_where_they_are_asked_for(tmp_path: Path) -> None:
    source = write_files(tmp_path / "in")
    scanned([source], tmp_path / "plain")
    assert "value" not in parquet.read_schema(tmp_path / "plain" / "findings.parquet").names
    for content in contents(tmp_path / "plain").values():
        assert not any(value.encode() in content for value in (PHONE, EMAIL, CARD))
    scanned([source], tmp_path / "values", values=True)
    assert parquet.read_table(tmp_path / "values" / "findings.parquet")["value"].to_pylist()[:2] == [PHONE, EMAIL]


def test_copies_keep_schema_form_and_order(tmp_path: Path) -> None:
    source, copies = write_files(tmp_path / "in"), tmp_path / "out" / "redacted"
    scanned([source], tmp_path / "out", operator="label")
    for name, values in {"a.csv": (PHONE, EMAIL), "b.jsonl": (PHONE, CARD), "c/d.log": (EMAIL, PHONE)}.items():
        expected = (source / name).read_bytes()
        for value, kind in {PHONE: "PHONE_NUMBER", EMAIL: "EMAIL", CARD: "ID_CARD_NUMBER"}.items():
            expected = expected.replace(value.encode(), f"[{kind}]".encode())
        assert (copies / name).read_bytes() == expected and values
    before, after = (parquet.ParquetFile(folder / "e.parquet").read() for folder in (source, copies))
    assert after.schema.equals(before.schema, check_metadata=True)
    assert after["id"].to_pylist() == [1, 2, 3]
    assert after["text"].to_pylist() == ["电话[PHONE_NUMBER]", None, "身份证[ID_CARD_NUMBER]"]


def test_only_named_columns_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"a,b\n{PHONE},{EMAIL}\n")
    (tmp_path / "b.jsonl").write_text(f'{{"a": {PHONE}, "c": "{EMAIL}"}}\n{{"c": 1}}\n')
    parquet.write_table(pyarrow.table({"a": [int(PHONE)], "b": [EMAIL]}), tmp_path / "c.parquet")
    names = [tmp_path / name for name in ("a.csv", "b.jsonl", "c.parquet")]
    scanned(names, tmp_path / "out", columns=("a",), operator="mask")
    assert [found[:4] for found in findings(tmp_path / "out")] == [
        (name.name, 0, "a", "PHONE_NUMBER") for name in names
    ]
    assert (tmp_path / "out" / "redacted" / "a.csv").read_text() == f"a,b\n***********,{EMAIL}\n"
    assert parquet.read_table(tmp_path / "out" / "redacted" / "c.parquet")["a"].to_pylist() == ["*" * 11]


def test_faulty_rows_are_quarantined_and_not_copied(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.csv").write_text(f'a,b\n1,{PHONE}\n1,2,{PHONE}\nx"y,2\n3,"{EMAIL}\n')
    (source / "b.jsonl").write_bytes(
        f'{{"a": "{PHONE}"}}\n{{bad {PHONE}\n"x"\n{{"a": "\\ud800"}}\n'.encode() + b"\xff\n{}"
    )
    bad = pyarrow.array([PHONE.encode(), b"\xd5\xc5", EMAIL.encode()], pyarrow.binary()).cast(
        pyarrow.string(), safe=False
    )
    parquet.write_table(pyarrow.table({"a": bad, "n": [1, 2, 3]}), source / "c.parquet")
    outcome = scanned([source], tmp_path / "out", operator="label", part_bytes=1 << 20)
    reasons = {(line["file"], line["row"]): line["reason"] for line in quarantined(tmp_path / "out")}
    assert "surrogate" in reasons.pop(("b.jsonl", 3))
    assert reasons == {
        ("a.csv", 1): "has 3 cells under 2 columns; quote cells that hold a comma or a line break",
        ("a.csv", 2): "has a quotation mark inside an unquoted cell; it has 2 lines",
        ("b.jsonl", 1): "not a JSON object, or one that nests too deep",
        ("b.jsonl", 2): "not a JSON object, or one that nests too deep",
        ("b.jsonl", 4): "not UTF-8",
        ("c.parquet", 1): "not UTF-8",
    }
    assert outcome.quarantined == "7 rows"
    copies = tmp_path / "out" / "redacted"
    assert (copies / "b.jsonl").read_text() == '{"a": "[PHONE_NUMBER]"}\n{}'
    assert parquet.read_table(copies / "c.parquet").to_pydict() == {"a": ["[PHONE_NUMBER]", "[EMAIL]"], "n": [1, 3]}
    assert (copies / "a.csv").read_text().startswith("a,b\n1,[PHONE_NUMBER]\n")


def test_a_row_that_the_engine_refuses_is_quarantined_and_one_that_fails_ends_the_scan(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"a": "好"}\n{"a": "敏感"}\n', encoding="utf-8")

    def find(error: type[PiiSftError], texts: Sequence[str]) -> list[Prediction]:
        if any("敏感" in text for text in texts):
            raise error("the model's server refuses a text of 2 characters")
        return [Prediction(text, ()) for text in texts]

    assert scanned([source], tmp_path / "out", partial(find, RefusedTextError)).quarantined == "1 rows"
    assert quarantined(tmp_path / "out")[0]["reason"] == "the model's server refuses a text of 2 characters"
    with pytest.raises(ModelError):
        scanned([source], tmp_path / "other", partial(find, ModelError))


def test_a_column_that_no_file_has_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\n打13800138000\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.csv: has no column txt, and no other file"):
        scanned([tmp_path / "a.csv"], tmp_path / "out", columns=("txt",))
    assert not any((tmp_path / "out").iterdir())
    scanned([tmp_path / "a.csv"], tmp_path / "out", columns=("text",))
    assert len(findings(tmp_path / "out")) == 1


def test_faulty_files_are_quarantined(tmp_path: Path) -> None:
    source = write_files(tmp_path / "in")
    (source / "x.parquet").write_bytes(b"PAR1 not really")
    (source / "y.csv").write_text("other\n1\n")
    (source / "z.txt").write_text("电话", encoding="utf-16")
    scanned([source], tmp_path / "out", columns=("text",), operator="label")
    assert {line["file"]: line["reason"] for line in quarantined(tmp_path / "out")} == {
        "b.jsonl": "no record has the column text",
        "x.parquet": "not a Parquet file, or a broken one (ArrowInvalid)",
        "y.csv": "has no column text",
        "z.txt": "looks like UTF-16; save it as UTF-8",
    }
    assert sorted(name for name in contents(tmp_path / "out") if name.startswith("redacted")) == [
        "redacted/a.csv", "redacted/c/d.log", "redacted/e.parquet",
    ]  # fmt: skip


def test_a_broken_row_group_is_quarantined_alone(tmp_path: Path) -> None:
    rows = [f"第{number}行，电话{13800138000 + number}" for number in range(3000)]
    parquet.write_table(pyarrow.table({"text": rows}), tmp_path / "a.parquet", row_group_size=1000, compression="none")
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    start = parquet.ParquetFile(tmp_path / "a.parquet").metadata.row_group(1).column(0).dictionary_page_offset
    content[start : start + 200] = bytes(200)
    (tmp_path / "a.parquet").write_bytes(content)
    outcome = scanned([tmp_path / "a.parquet"], tmp_path / "out", operator="label")
    (line,) = quarantined(tmp_path / "out")
    assert (line["file"], line["row_group"], line["rows"]) == ("a.parquet", 1, [1000, 1999])
    assert outcome.quarantined == "1 row groups"
    assert [found[1] for found in findings(tmp_path / "out")] == [*range(1000), *range(2000, 3000)]
    assert parquet.read_table(tmp_path / "out" / "redacted" / "a.parquet").num_rows == 2000


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs users")
def test_a_file_without_permission_is_quarantined(tmp_path: Path) -> None:
    source = write_files(tmp_path / "in")
    (source / "a.csv").chmod(0)
    if os.access(source / "a.csv", os.R_OK):
        pytest.skip("this user may read everything")
    scanned([source], tmp_path / "out")
    assert quarantined(tmp_path / "out") == [{"file": "a.csv", "reason": "Permission denied"}]


def test_a_sample_is_spread_over_each_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("".join(f"{13800138000 + number}\n" for number in range(100)))
    outcome = scanned([tmp_path / "a.txt"], tmp_path / "out", sample=10)
    rows = [found[1] for found in findings(tmp_path / "out")]
    assert len(rows) == 10 and rows[0] < 20 and rows[-1] > 80
    assert (outcome.figures["rows"], outcome.figures["rows_searched"]) == (100, 10)


@pytest.mark.parametrize("operator", ["hash", "surrogate"])
def test_equal_values_have_equal_stand_ins_under_a_key(tmp_path: Path, operator: str) -> None:
    (tmp_path / "a.txt").write_text(f"打{PHONE}\n" * 20 + "打138-0013-8000\n打13900139000\n")
    lines = {}
    for key in (b"one", b"other"):
        scanned([tmp_path / "a.txt"], tmp_path / key.decode(), operator=operator, key=key)
        lines[key] = (tmp_path / key.decode() / "redacted" / "a.txt").read_text().splitlines()
        assert len(set(lines[key][:20])) == 1 and lines[key][0] != lines[key][-1] and PHONE not in lines[key][0]
    assert lines[b"one"][0] != lines[b"other"][0]
    digits = re.sub(r"\D", "", lines[b"one"][0])
    assert re.sub(r"\D", "", lines[b"one"][20]) == digits


def test_pseudonyms_are_numbered_in_each_row(tmp_path: Path) -> None:
    record = {"m": [{"c": f"打{PHONE}"}, {"c": f"再打{PHONE}或13900139000"}]}
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(record)}\n" * 2)
    scanned([tmp_path / "a.jsonl"], tmp_path / "out", operator="pseudonym")
    for line in (tmp_path / "out" / "redacted" / "a.jsonl").read_text().splitlines():
        assert [part["c"] for part in json.loads(line)["m"]] == [
            "打[PHONE_NUMBER_1]",
            "再打[PHONE_NUMBER_1]或[PHONE_NUMBER_2]",
        ]


def test_sources_are_files_folders_globs_and_urls(tmp_path: Path) -> None:
    source = write_files(tmp_path / "in")
    (source / "picture.png").write_bytes(b"x")
    for number, (name, files) in enumerate({
        str(source / "a.csv"): ["a.csv"],
        f"{source}/*.csv": ["a.csv"],
        f"{source}/**/*.log": ["c/d.log"],
        f"file://{source}": ["a.csv", "b.jsonl", "c/d.log", "e.parquet"],
        f"file://{source}/*.jsonl": ["b.jsonl"],
    }.items()):  # fmt: skip
        if name.startswith("file:"):
            pytest.importorskip("fsspec")
        outcome = scanned([name], tmp_path / f"out{number}")
        assert [file["file"] for file in outcome.figures["files"]] == files
    assert [row["reason"] for row in outcome.figures["left_out"]] == []
    left_out = scanned([source], tmp_path / "out").figures["left_out"]
    assert [Path(row["path"]).name for row in left_out] == ["picture.png"]


def test_sources_that_cannot_be_scanned_are_errors(tmp_path: Path) -> None:
    source = write_files(tmp_path / "in")
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "picture.png").write_bytes(b"x")
    for sources, told in {
        (tmp_path / "none",): "no such file or folder",
        (f"{tmp_path}/*.nothing",): "no file matches",
        (tmp_path / "only",): "contains no file that can be scanned",
        (source, source / "a.csv"): "another file of this scan is called a.csv",
        ("nothing://x/a.csv",): "nothing://x/a.csv: cannot be opened",
        ("memory://nothing/a.csv",): "no such file or folder",
    }.items():
        with pytest.raises(DataError, match=told):
            scanned(sources, tmp_path / "out")
    with pytest.raises(DataError, match="is inside the folder"):
        scanned([source], source / "out")
    with pytest.raises(DataError, match="is in the folder for the results"):
        scanned([f"{source}/*.csv"], source)
    assert scanned([f"{source}/*"], tmp_path / "out").figures["left_out"] == [
        {"path": str(source / "c"), "reason": "a folder; a pattern with ** reaches what is in it"}
    ]


def test_the_page_of_the_data_map_is_escaped_and_needs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"<b>x,y\n{PHONE},6222020200112233446\n")
    scanned([tmp_path / "a.csv"], tmp_path / "out")
    page = (tmp_path / "out" / "map.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;x" in page and "<b>x" not in page and PHONE not in page
    assert "*********00" in page and not re.search(r"(src|href)=", page)
    assert "GB/T 45574-2025" in page and "金融账户信息" in page


def test_columns_with_dots_and_columns_of_one_name_are_read(tmp_path: Path) -> None:
    table = pyarrow.Table.from_arrays([pyarrow.array([PHONE])] * 3, ["a.b", "a", "a"])
    parquet.write_table(table, tmp_path / "a.parquet")
    scanned([tmp_path / "a.parquet"], tmp_path / "out")
    assert [found[2] for found in findings(tmp_path / "out")] == ["a.b", "a", "a"]
    scanned([tmp_path / "a.parquet"], tmp_path / "named", columns=("a",), operator="label")
    copy = parquet.ParquetFile(tmp_path / "named" / "redacted" / "a.parquet").read()
    assert [column.to_pylist() for column in copy.columns] == [[PHONE], ["[PHONE_NUMBER]"], ["[PHONE_NUMBER]"]]
    scanned([tmp_path / "a.parquet"], tmp_path / "found", columns=("a",))
    assert [found[2] for found in findings(tmp_path / "found")] == ["a", "a"]


def test_a_sample_without_a_column_is_told_and_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"b": 1}\n' * 50 + f'{{"a": "{PHONE}"}}\n')
    told: list[str] = []
    outcome = scanned([tmp_path / "a.jsonl"], tmp_path / "out", tell=told.append, columns=("a",), sample=2)
    assert not outcome.quarantined and "a.jsonl: no record of the sample has the column a" in told
    assert outcome.figures["rows"] == 51 and outcome.figures["rows_searched"] < 51


def test_an_unclosed_quote_is_told_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a,b\n1,2\n3,"4\n5,6\n7,8\n')
    scanned([tmp_path / "a.csv"], tmp_path / "out")
    reason = "a quote is not closed, so 3 lines cannot be told apart"
    assert quarantined(tmp_path / "out") == [{"file": "a.csv", "row": 1, "reason": reason}]
