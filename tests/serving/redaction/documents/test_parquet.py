from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas
import pyarrow
import pytest
from pyarrow import parquet

from schemas.errors import DataError
from serving.engines.rules.engine import RulesEngine
from serving.redaction import RedactionSession, ReplacementMap
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.text_redactor import TextRedactor
from serving.redaction.documents.text_restorer import TextRestorer
from tests.finding import behind_names
from tests.serving.redaction.documents.crossed import CROSSED, redact_file, restore_file


def redacted(tmp_path: Path, table: Any, *columns: str) -> Any:
    parquet.write_table(table, tmp_path / "a.parquet")
    assert redact_file(tmp_path / "a.parquet", tmp_path / "b.parquet", Columns(columns), CROSSED) == len(table)
    return parquet.ParquetFile(tmp_path / "b.parquet").read()


def test_parquet_keeps_types_and_other_columns(tmp_path: Path) -> None:
    table = pyarrow.table(
        {"id": pyarrow.array([1, 2, 3], pyarrow.int32()), "text": ["a1", None, "b22"], "other": ["1", "2", "3"]}
    )
    table = table.replace_schema_metadata({"made": "by hand"})
    made = redacted(tmp_path, table, "text")
    assert made.schema.equals(table.schema, check_metadata=True)
    assert made.column("text").to_pylist() == ["a#", None, "b##"]
    assert made.drop_columns(["text"]).equals(table.drop_columns(["text"]))


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([13800138000, None], pyarrow.int64(), ["###########", None]),
        ([13800138000.0, float("nan"), 0.5], pyarrow.float64(), ["###########", None, "#.#"]),
        ([Decimal("13800138000.00")], pyarrow.decimal128(20, 2), ["###########"]),
    ],
    ids=["integers", "floats", "decimals"],
)
def test_a_column_of_numbers_becomes_one_of_texts(
    tmp_path: Path, values: list[Any], kind: Any, expected: list[str | None]
) -> None:
    made = redacted(tmp_path, pyarrow.table({"n": pyarrow.array(values, kind)}), "n")
    assert made.column("n").type == pyarrow.string()
    assert made.column("n").to_pylist() == expected


def test_pandas_reads_a_column_of_numbers_as_texts(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"n": pandas.array([1, None], dtype="Int64"), "m": pandas.Categorical([5, 6])})
    redacted(tmp_path, pyarrow.Table.from_pandas(frame), "n", "m")
    assert pandas.read_parquet(tmp_path / "b.parquet").fillna("").values.tolist() == [["#", "#"], ["", "#"]]


def test_columns_of_texts_in_another_form_keep_it(tmp_path: Path) -> None:
    for kind in (pyarrow.large_string(), pyarrow.string_view(), pyarrow.dictionary(pyarrow.int32(), pyarrow.string())):
        made = redacted(tmp_path, pyarrow.table({"text": pyarrow.array(["a1", None, "a1"]).cast(kind)}), "text")
        assert made.column("text").type == kind
        assert made.column("text").to_pylist() == ["a#", None, "a#"]


def test_truth_values_are_left_alone(tmp_path: Path) -> None:
    table = pyarrow.table({"yes": [True, None], "none": pyarrow.nulls(2)})
    assert redacted(tmp_path, table, "yes", "none").equals(table)


def test_columns_of_one_name_are_all_redacted(tmp_path: Path) -> None:
    table = pyarrow.Table.from_arrays([pyarrow.array(["1"]), pyarrow.array(["x"]), pyarrow.array([2])], ["a", "b", "a"])
    assert [column.to_pylist() for column in redacted(tmp_path, table, "a").columns] == [["#"], ["x"], ["#"]]


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("none", "has no column none"),
        ("list", "the column list holds values of type list<"),
        ("day", "the column day holds values of type date32"),
    ],
)
def test_a_column_that_cannot_be_redacted_is_named(tmp_path: Path, column: str, told: str) -> None:
    table = pyarrow.table({"list": [["1"]], "day": pyarrow.array([1], pyarrow.date32())})
    with pytest.raises(DataError, match=rf"a\.parquet: {told}"):
        redacted(tmp_path, table, column)
    assert not (tmp_path / "b.parquet").exists()


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    bad = pyarrow.array([b"\xd5\xc5"], pyarrow.binary()).cast(pyarrow.string(), safe=False)
    with pytest.raises(DataError, match=r"a\.parquet: not a Parquet file, or a broken one"):
        redacted(tmp_path, pyarrow.table({"text": bad}), "text")
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"text": [f"{number}" for number in range(5000)]}), path)
    content = path.read_bytes()
    path.write_bytes(content[:100] + bytes(len(content) // 2) + content[100 + len(content) // 2 :])
    with pytest.raises(DataError, match=r"a\.parquet: not a Parquet file, or a broken one"):
        redact_file(path, tmp_path / "b.parquet", Columns(["text"]), CROSSED)


def test_a_text_that_is_a_number_is_read_as_one(tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"tel": ["13800138000.0", "无", None]}), tmp_path / "a.parquet")
    session = RedactionSession("pseudonym")
    redactor = TextRedactor(behind_names(RulesEngine().detect), session)
    redact_file(tmp_path / "a.parquet", tmp_path / "b.parquet", Columns(["tel"]), redactor)
    assert parquet.read_table(tmp_path / "b.parquet")["tel"].to_pylist() == ["[PHONE_NUMBER_1]", "无", None]


def test_texts_in_lists_are_told_when_all_are_restored(tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"id": [1], "messages": [["[PHONE_NUMBER_1]"]]}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="the column messages holds texts in list"):
        restore_file(tmp_path / "a.parquet", tmp_path / "b.parquet", Columns([]), TextRestorer(ReplacementMap()))
