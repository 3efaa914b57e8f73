"""Columns of SQLite are read as what their values are, whatever type was declared."""

from pathlib import Path

import pytest
from pyarrow import parquet

from tests.serving.scan.cases import EMAIL, findings, quarantined, scanned
from tests.serving.scan.databases.cases import write_database

TEXT_TYPES = ("STRING", "PHONE", "EMAILADDR", "UUID", "NUMERIC", "DECIMAL(8,2)", "DATE", "", "TEXT")
OTHER_TYPES = ("INTEGER", "REAL", "BOOLEAN", "BLOB")


@pytest.mark.parametrize("kind", TEXT_TYPES)
def test_texts_are_found_and_redacted(tmp_path: Path, kind: str) -> None:
    url = write_database(
        tmp_path / "a.db", f"create table t (c {kind})", "insert into t values (?)", rows=[(f"写{EMAIL}",), (None,)]
    )
    outcome = scanned([url], tmp_path / "out", operator="label")
    assert [found[:4] for found in findings(tmp_path / "out")] == [("t", 0, "c", "EMAIL")] and not outcome.quarantined
    copy = parquet.read_table(tmp_path / "out" / "redacted" / "t.parquet")
    assert copy["c"].to_pylist() == ["写[EMAIL]", None]


@pytest.mark.parametrize("kind", OTHER_TYPES)
def test_texts_in_columns_of_other_types_are_found_and_no_copy_has_them(tmp_path: Path, kind: str) -> None:
    url = write_database(
        tmp_path / "a.db", f"create table t (c {kind})", "insert into t values (?)", rows=[(f"写{EMAIL}",), (None,)]
    )
    assert not scanned([url], tmp_path / "out").quarantined
    assert [found[:4] for found in findings(tmp_path / "out")] == [("t", 0, "c", "EMAIL")]
    scanned([url], tmp_path / "copy", operator="label")
    assert quarantined(tmp_path / "copy") == [
        {"file": "t", "row": 0, "reason": "the column c holds a value that does not fit its type"}
    ]
    assert parquet.read_table(tmp_path / "copy" / "redacted" / "t.parquet")["c"].to_pylist() == [None]


@pytest.mark.parametrize("operator", [None, "label"])
@pytest.mark.parametrize("kind", ["STRING", "NUMERIC", "", "INTEGER", "REAL"])
def test_numbers_are_read_where_they_are_named_and_where_copies_have_them_as_texts(
    tmp_path: Path, kind: str, operator: str | None
) -> None:
    url = write_database(tmp_path / "a.db", f"create table t (c {kind})", "insert into t values (13800138000)")
    for number, columns in enumerate(((), ("c",))):
        told: list[str] = []
        outcome = scanned([url], tmp_path / str(number), columns=columns, operator=operator, tell=told.append)
        is_read = bool(columns) or kind in TEXT_TYPES
        assert len(findings(tmp_path / str(number))) == is_read and not outcome.quarantined
        assert ("t: columns that hold no texts are not read: c" in told) == (not is_read)
        if operator and is_read:
            copy = parquet.read_table(tmp_path / str(number) / "redacted" / "t.parquet")
            assert copy["c"].to_pylist() == ["[PHONE_NUMBER]"]


@pytest.mark.parametrize("operator", [None, "label"])
def test_bytes_and_broken_texts_in_columns_of_bytes(tmp_path: Path, operator: str | None) -> None:
    rows = "insert into t values (x'ff'), (x'41'), (cast(x'ff41' as text)), (5)"
    url = write_database(tmp_path / "a.db", "create table t (c blob)", rows)
    scanned([url], tmp_path / "out", operator=operator)
    assert [line["row"] for line in quarantined(tmp_path / "out")] == ([2, 3] if operator else [2])
