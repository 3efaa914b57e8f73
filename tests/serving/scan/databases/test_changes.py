"""Databases that change while they are scanned, or before a scan goes on."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from pyarrow import parquet
from sqlalchemy import column, types

from schemas.spans.prediction import Prediction
from serving.engines.rules.engine import RulesEngine
from serving.scan.databases.keys import range_without_keys, within
from tests.serving.scan.cases import PHONE, findings, quarantined, scanned
from tests.serving.scan.databases.cases import ROW, write_database


class Ended(Exception):
    """Ends a scan in a test."""


def test_parts_whose_keys_are_others_are_done_again(tmp_path: Path) -> None:
    create = "create table a (id integer primary key, t text)"
    write_database(tmp_path / "a.db", create, "insert into a values (1, 'x'), (5, 'x'), (9, 'x')")
    create = "create table b (id integer primary key, t text)"
    url = write_database(tmp_path / "a.db", create, "insert into b values (1, 'last')")

    def find(texts: Sequence[str]) -> list[Prediction]:
        if "t: last" in texts:
            raise Ended
        return RulesEngine().detect(texts)

    with pytest.raises(Ended):
        scanned([url], tmp_path / "out", find, part_bytes=9 * ROW, operator="label")
    write_database(tmp_path / "a.db", "delete from a where id = 5", f"insert into a values (3, '{PHONE}')")
    scanned([url], tmp_path / "out", part_bytes=9 * ROW, operator="label")
    assert [found[:2] for found in findings(tmp_path / "out")] == [("a", 1)]
    copy = parquet.read_table(tmp_path / "out" / "redacted" / "a.parquet").to_pylist()
    assert [(row["id"], row["t"]) for row in copy] == [(1, "x"), (3, "[PHONE_NUMBER]"), (9, "x")]


def test_a_range_without_keys_has_all_rows_and_is_another_one_each_time() -> None:
    assert range_without_keys() != range_without_keys()
    assert within([column("a", types.Integer())], range_without_keys()) == []


@pytest.mark.parametrize("operator", [None, "label"])
@pytest.mark.parametrize("change", ["alter table b rename column t to y", "alter table b add column y", "drop table b"])
def test_a_table_whose_columns_change_during_the_scan_is_quarantined(
    tmp_path: Path, change: str, operator: str | None
) -> None:
    for name in "ab":
        create = f"create table {name} (id integer primary key, t text)"
        url = write_database(tmp_path / "a.db", create, f"insert into {name} values (1, '{PHONE}')")
    done: list[str] = []

    def find(texts: Sequence[str]) -> list[Prediction]:
        if not done:
            done.extend(texts)
            with closing(sqlite3.connect(tmp_path / "a.db", timeout=0.1)) as connection:
                connection.execute(change)
        return RulesEngine().detect(texts)

    outcome = scanned([url], tmp_path / "out", find, operator=operator)
    assert outcome.quarantined == "1 row groups" and [found[0] for found in findings(tmp_path / "out")] == ["a"]
    (line,) = quarantined(tmp_path / "out")
    told = "is gone" if change.startswith("drop") else "its columns changed while it was scanned"
    assert line["file"] == "b" and line["reason"].startswith(told)
