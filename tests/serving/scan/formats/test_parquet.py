import json
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from tests.serving.scan.cases import EMAIL, PHONE, findings, quarantined, scanned

NOT_UTF8 = pyarrow.array([b"\xff", b"a"], pyarrow.binary()).cast(pyarrow.string(), safe=False)
MESSAGE = pyarrow.struct([("n", pyarrow.int64()), ("content", pyarrow.string())])
NESTED = [
    ("tags", pyarrow.list_(pyarrow.string()), [["x", PHONE], None, []], {"tags[*]"}),
    ("who", pyarrow.struct([("mail", pyarrow.large_string()), ("old", pyarrow.bool_())]), [{"mail": EMAIL, "old": True},
     None, {"mail": None, "old": None}], {"who.mail"}),
    ("m", pyarrow.map_(pyarrow.string(), pyarrow.string()), [[("k", PHONE), (EMAIL, None)], [], None],
     {"m[*].key", "m[*].value"}),
    ("messages", pyarrow.list_(MESSAGE), [[{"n": 1, "content": PHONE}, None, {"n": None, "content": "x"}], [], None],
     {"messages[*].content"}),
]  # fmt: skip


def written(path: Path, **columns: Any) -> Path:
    parquet.write_table(pyarrow.table(columns), path)
    return path


@pytest.mark.parametrize(("name", "kind", "values", "columns"), NESTED)
def test_texts_within_lists_structs_and_maps_are_read(
    tmp_path: Path, name: str, kind: Any, values: list[Any], columns: set[str]
) -> None:
    source = written(tmp_path / "a.parquet", id=[1, 2, 3], **{name: pyarrow.array(values, kind)})
    for number, named in enumerate([(), (name,)]):
        out = tmp_path / str(number)
        outcome = scanned([source], out, operator="label", columns=named)
        assert {found[2] for found in findings(out)} == columns and not outcome.quarantined
        copy = parquet.read_table(out / "redacted" / "a.parquet")
        shown = str(values).replace(PHONE, "[PHONE_NUMBER]").replace(EMAIL, "[EMAIL]")
        assert copy.schema.field(name).type == kind and str(copy[name].to_pylist()) == shown


def test_numbers_within_lists_structs_and_maps_are_told_of(tmp_path: Path) -> None:
    numbers = pyarrow.array([[("a", 13800138000)]], pyarrow.map_(pyarrow.string(), pyarrow.int64()))
    source = written(tmp_path / "a.parquet", m=pyarrow.array([[{"n": 1, "content": PHONE}]], NESTED[3][1]), n=numbers)
    for number, named in enumerate([(), ("m",)]):
        scanned([source], tmp_path / str(number), columns=named)
        figures = json.loads((tmp_path / str(number) / "map.json").read_text(encoding="utf-8"))
        assert figures["files"][0]["columns_not_read"] == ["m[*].n", "n[*].value"][: 2 - number]


@pytest.mark.parametrize(
    "column",
    [
        pyarrow.array(['{"p": "13800138000"}'], pyarrow.json_()),
        pyarrow.array(
            [{"t": "x", "at": 1}], pyarrow.struct([("t", pyarrow.string()), ("at", pyarrow.timestamp("ns"))])
        ),
    ],
)
@pytest.mark.parametrize("operator", [None, "label"])
def test_a_file_with_texts_that_cannot_be_read_is_quarantined_unless_columns_are_named(
    tmp_path: Path, column: Any, operator: str | None
) -> None:
    source = written(tmp_path / "a.parquet", t=[PHONE], j=column)
    assert scanned([source], tmp_path / "out", operator=operator).quarantined == "1 files"
    reason = "has columns whose texts cannot be read (number 2); name others with --column"
    assert quarantined(tmp_path / "out") == [{"file": "a.parquet", "reason": reason}]
    assert not scanned([source], tmp_path / "named", columns=("t",), operator=operator).quarantined
    assert len(findings(tmp_path / "named")) == 1


def test_rows_that_cannot_be_written_again_are_quarantined(tmp_path: Path) -> None:
    source = written(tmp_path / "a.parquet", a=NOT_UTF8, v=pyarrow.array([PHONE, EMAIL], pyarrow.string_view()))
    assert scanned([source], tmp_path / "out", operator="label").quarantined == "1 row groups"
    assert quarantined(tmp_path / "out")[0]["reason"].startswith("cannot be written again")


def test_a_number_that_is_none_is_missing_in_a_copy(tmp_path: Path) -> None:
    schema = pyarrow.schema([pyarrow.field("f", pyarrow.float64(), nullable=False)])
    parquet.write_table(pyarrow.table({"f": [13800138000.0, float("nan")]}, schema=schema), tmp_path / "a.parquet")
    assert not scanned([tmp_path / "a.parquet"], tmp_path / "out", columns=("f",), operator="label").quarantined
    assert parquet.read_table(tmp_path / "out" / "redacted" / "a.parquet")["f"].to_pylist() == ["[PHONE_NUMBER]", None]


@pytest.mark.parametrize("operator", [None, "label"])
def test_a_row_group_with_other_rows_than_the_end_of_the_file_says_is_quarantined(
    tmp_path: Path, operator: str | None
) -> None:
    source = written(tmp_path / "a.parquet", t=[PHONE] * 600)
    content = source.read_bytes()
    end = content.rindex(b"\xb0\x09")  # 600 as the rows of the row group
    source.write_bytes(content[:end] + b"\xb0\x0c" + content[end + 2 :])
    assert parquet.ParquetFile(source).metadata.row_group(0).num_rows == 792
    outcome = scanned([source], tmp_path / "out", operator=operator)
    assert outcome.quarantined == "1 row groups" and not findings(tmp_path / "out")
    assert quarantined(tmp_path / "out")[0]["reason"].startswith("has 600 rows instead of 792")
