import csv
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from pyarrow import parquet

from schemas.errors import DataError
from schemas.spans.prediction import Prediction
from serving.engines.rules.engine import RulesEngine
from serving.scan.databases.connection import connected
from serving.scan.parts import ReadError
from serving.scan.runners.local import Processes
from tests.serving.scan.cases import CARD, EMAIL, PHONE, contents, findings, quarantined, scan_and_kill, scanned
from tests.serving.scan.databases.cases import CUSTOMERS, ROW, write_database, write_shop

SHOP = [
    *[("customers", row, "note", "PHONE_NUMBER", start := len(f"客户{row}，电话"), start + 11) for row in range(12)],
    ("orders", 0, "note", "PHONE_NUMBER", 1, 12),
    ("orders", 1, "note", "ID_CARD_NUMBER", 2, 20),
    ("orders", 2, "note", "EMAIL", 1, 18),
]  # fmt: skip


def test_a_database_is_scanned_table_by_table_in_the_order_of_keys(tmp_path: Path) -> None:
    url = write_shop(tmp_path / "shop.db")
    before = (tmp_path / "shop.db").read_bytes()
    outcome = scanned([url], tmp_path / "out", part_bytes=2 * ROW)
    assert findings(tmp_path / "out") == SHOP and not outcome.quarantined
    figures = outcome.figures
    assert [(file["file"], file["rows"]) for file in figures["files"]] == [
        ("customers", 12), ("nothing", 0), ("orders", 3),
    ]  # fmt: skip
    assert figures["files"][0]["columns_not_read"] == ["id", "age"]
    assert figures["left_out"] == [{"path": f"{url}#adults", "reason": "a view, whose rows are those of tables"}]
    assert (tmp_path / "shop.db").read_bytes() == before and not list(tmp_path.glob("shop.db-*"))


def test_findings_are_those_of_the_same_rows_in_csv(tmp_path: Path) -> None:
    scanned([write_shop(tmp_path / "shop.db")], tmp_path / "one", part_bytes=2 * ROW, tables=("customers",))
    with (tmp_path / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "note", "age"), *CUSTOMERS])
    scanned([tmp_path / "customers.csv"], tmp_path / "two", columns=("note",))
    assert findings(tmp_path / "one") == [("customers", *found[1:]) for found in findings(tmp_path / "two")]


def test_copies_keep_types_and_the_order_of_rows(tmp_path: Path) -> None:
    url = write_shop(tmp_path / "shop.db")
    scanned([url], tmp_path / "out", part_bytes=5 * ROW, operator="label", columns=("note",))
    copies = {path.name: parquet.read_table(path) for path in (tmp_path / "out" / "redacted").iterdir()}
    assert sorted(copies) == ["customers.parquet", "nothing.parquet", "orders.parquet"]
    assert copies["customers.parquet"].to_pylist() == [
        {"id": key, "note": f"客户{number}，电话[PHONE_NUMBER]", "age": number} for key, _, number in CUSTOMERS
    ]
    assert copies["orders.parquet"]["number"].to_pylist() == [9, 10, 2]
    assert [str(kind) for kind in copies["customers.parquet"].schema.types] == ["int64", "string", "int64"]
    assert copies["nothing.parquet"].num_rows == 0


def test_keys_of_rows_are_written_with_values_only(tmp_path: Path) -> None:
    url = write_shop(tmp_path / "shop.db")
    scanned([url], tmp_path / "out", values=True)
    keys = parquet.read_table(tmp_path / "out" / "findings.parquet")["key"].to_pylist()
    assert keys == [str(key) for key, _, _ in CUSTOMERS] + ['["a", "9"]', '["a", "10"]', '["b", "2"]']
    scanned([url], tmp_path / "plain")
    assert "key" not in parquet.read_schema(tmp_path / "plain" / "findings.parquet").names
    assert all(PHONE.encode() not in content for content in contents(tmp_path / "plain").values())


def test_a_sample_is_spread_over_the_keys(tmp_path: Path) -> None:
    url = write_shop(tmp_path / "shop.db")
    figures = scanned([url], tmp_path / "out", part_bytes=ROW, sample=4, tables=("customers",)).figures
    assert [found[1] for found in findings(tmp_path / "out")] == [2, 5, 8, 11]
    assert (figures["rows"], figures["rows_searched"]) == (12, 4)


def test_values_of_any_type_are_read_or_told(tmp_path: Path) -> None:
    json = '{"to": ["\\u6253' + PHONE + '", 13800138001, null], "b": true}'
    rows = [
        (f"打{PHONE}", json, 1, b"\0", "2020-01-02"),
        (f"打\0{PHONE}", f'"{EMAIL}"', 2, None, None),
        (b"\xd5\xc5", None, 3, None, None),
        (13800138000, None, 4, None, None),
        ("好", "{bad", 5, None, None),
        ("好", None, "五", None, None),
    ]
    create = 'create table "select" ("group" text, "a.b" json, c0 integer, "d e" blob, day date)'
    url = write_database(tmp_path / "a.db", create, 'insert into "select" values (?, ?, ?, ?, ?)', rows=rows)
    write_database(tmp_path / "a.db", 'update "select" set "group" = cast(x\'d5c5\' as text) where c0 = 3')
    scanned([url], tmp_path / "out", operator="label")
    assert [found[1:] for found in findings(tmp_path / "out")] == [
        (0, "group", "PHONE_NUMBER", 1, 12),
        (0, "a.b.to[*]", "PHONE_NUMBER", 1, 12),
        (0, "a.b.to[*]", "PHONE_NUMBER", 0, 11),
        (1, "group", "PHONE_NUMBER", 2, 13),
        (1, "a.b", "EMAIL", 0, 17),
        (3, "group", "PHONE_NUMBER", 0, 11),
    ]
    assert {line["row"]: line["reason"] for line in quarantined(tmp_path / "out")} == {
        2: "the column group holds bytes that are no text",
        4: "the column a.b: not JSON at line 1, column 2",
        5: "the column c0 holds a value that does not fit its type",
    }
    copy = parquet.read_table(tmp_path / "out" / "redacted" / "select.parquet")
    assert copy["group"].to_pylist() == ["打[PHONE_NUMBER]", "打\0[PHONE_NUMBER]", "[PHONE_NUMBER]"]
    assert copy["a.b"][0].as_py() == '{"to": ["\\u6253[PHONE_NUMBER]", "[PHONE_NUMBER]", null], "b": true}'
    assert copy["d e"].to_pylist() == [b"\0", None, None] and copy["day"][0].as_py() == "2020-01-02"


def test_named_columns_must_be_in_every_table_and_hold_texts_or_numbers(tmp_path: Path) -> None:
    url = write_database(
        tmp_path / "a.db", "create table a (n integer, b blob)", "insert into a values (13800138000, 'x')"
    )
    write_database(tmp_path / "a.db", "create table c (t text)")
    scanned([url], tmp_path / "out", columns=("n",), operator="label")
    assert [found[:4] for found in findings(tmp_path / "out")] == [("a", 0, "n", "PHONE_NUMBER")]
    assert quarantined(tmp_path / "out") == [{"file": "c", "reason": "has no column n"}]
    scanned([url], tmp_path / "bytes", columns=("b",), tables=("a",))
    (line,) = quarantined(tmp_path / "bytes")
    assert line["reason"].startswith("the column b holds values of type binary")


@pytest.mark.parametrize("renames", [2, 9, 30, 33])
def test_a_killed_scan_resumes_to_the_same_bytes_and_workers_write_them(tmp_path: Path, renames: int) -> None:
    url = write_shop(tmp_path / "shop.db")
    scanned([url], tmp_path / "one", operator="label")
    scan_and_kill(url, tmp_path / "two", renames)
    assert contents(tmp_path / "one") != contents(tmp_path / "two")
    scanned([url], tmp_path / "two", runner=Processes(2), operator="label")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_rows_that_are_added_before_a_scan_goes_on_are_read_once(tmp_path: Path) -> None:
    url = write_shop(tmp_path / "shop.db")
    scan_and_kill(url, tmp_path / "out", 30)
    write_database(tmp_path / "shop.db", f"insert into customers values (4, '打{PHONE}', 1), (99, '打{PHONE}', 1)")
    scanned([url], tmp_path / "out", operator="label")
    keys = parquet.read_table(tmp_path / "out" / "redacted" / "customers.parquet")["id"].to_pylist()
    assert keys == sorted([4, 99, *(key for key, _, _ in CUSTOMERS)])
    assert len(findings(tmp_path / "out")) == len(SHOP) + 2


def test_a_table_that_changed_its_columns_is_another_one(tmp_path: Path) -> None:
    url = write_shop(tmp_path / "shop.db")
    scan_and_kill(url, tmp_path / "out", 9)
    write_database(tmp_path / "shop.db", "alter table customers add column mail text")
    with pytest.raises(DataError, match=r"\(customers is new or has changed\)"):
        scanned([url], tmp_path / "out", operator="label")


def test_a_database_that_goes_away_ends_the_scan_which_goes_on_later(tmp_path: Path) -> None:
    url, path = write_shop(tmp_path / "shop.db"), tmp_path / "shop.db"
    scanned([url], tmp_path / "one", operator="label", part_bytes=2 * ROW)

    def find(texts: Sequence[str]) -> list[Prediction]:
        if path.exists() and any("13800138006" in text for text in texts):
            path.rename(tmp_path / "away.db")
        return RulesEngine().detect(texts)

    with pytest.raises(DataError, match=r"shop\.db: no such file"):
        scanned([url], tmp_path / "two", find, operator="label", part_bytes=2 * ROW)
    assert not list((tmp_path / "two").rglob("*.tmp")) and not (tmp_path / "two" / "findings.parquet").exists()
    (tmp_path / "away.db").rename(path)
    scanned([url], tmp_path / "two", operator="label", part_bytes=2 * ROW)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_locked_database_is_an_error_and_nothing_is_ever_written_into_one(tmp_path: Path) -> None:
    url = write_shop(tmp_path / "shop.db")
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.execute("begin exclusive")
        with pytest.raises(DataError, match=r"shop\.db: cannot be reached .*OperationalError SQLITE_BUSY"):
            scanned([f"{url}?timeout=0.1"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with connected(url) as reading, pytest.raises((DataError, sqlite3.OperationalError), match="readonly"):
        reading.connection.execute("delete from customers")


def test_what_cannot_be_scanned_is_an_error(tmp_path: Path) -> None:
    url = write_shop(tmp_path / "shop.db")
    (tmp_path / "text.db").write_text("x" * 2000)
    write_database(tmp_path / "empty.db", "create view v as select 1")
    for source, tables, told in (
        (url, ("orders", "bills"), "#?: has no table bills"),
        (url, ("adults",), ": adults is a view"),
        (f"sqlite:///{tmp_path}/none.db", (), "none.db: no such file"),
        (f"sqlite:///{tmp_path}/a b#c?d.db", (), "a b#c: no such file; write # as %23 and . as %3F"),
        ("sqlite://", (), "sqlite://: no such file"),
        (f"sqlite:///{tmp_path}/text.db", (), "text.db: not a file of SQLite"),
        (f"sqlite:///{tmp_path}/empty.db", (), "empty.db: has no table"),
        ("nothing+driver://u:secret@h/a", (), "SQLAlchemy knows no such database or driver"),
        ("mssql+pymssql://u:secret@h/a", (), "mssql.*://…@h/a: its driver cannot be loaded: pip install pymssql"),
        ("postgresql://u:se@cret@h/a", (), "write that of a password as %40"),
        ("postgresql://u:secret@h:port/a", (), "postgresql://…@h:…/a: not a URL of a database"),
        (str(tmp_path), ("orders",), "--table names tables of databases"),
    ):
        with pytest.raises(DataError, match=told) as raised:
            scanned([source], tmp_path / "out", tables=tables)
        assert "cret" not in str(raised.value)
    assert not isinstance(raised.value, ReadError) and not (tmp_path / "out").exists()


def test_two_tables_of_one_name_are_an_error(tmp_path: Path) -> None:
    urls = [write_shop(tmp_path / name) for name in ("a.db", "b.db")]
    with pytest.raises(DataError, match="another file of this scan is called customers"):
        scanned(urls, tmp_path / "out")


def test_names_of_tables_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    url = write_database(
        tmp_path / "a.db", 'create table "../../x" (t text)', f"insert into \"../../x\" values ('{CARD}')"
    )
    scanned([url], tmp_path / "out", operator="label")
    assert [path.name for path in (tmp_path / "out" / "redacted").iterdir()] == ["..%2F..%2Fx.parquet"]


def test_parts_of_virtual_tables_are_left_out(tmp_path: Path) -> None:
    create = "create virtual table notes using fts5(body)"
    url = write_database(tmp_path / "a.db", create, f"insert into notes values ('打{PHONE}')")
    figures = scanned([url], tmp_path / "out", operator="label").figures
    assert [found[:3] for found in findings(tmp_path / "out")] == [("notes", 0, "body")]
    assert {row["reason"] for row in figures["left_out"]} == {"a part of a virtual table, which is read as a whole"}
    copy = parquet.read_table(tmp_path / "out" / "redacted" / "notes.parquet")
    assert copy["body"].to_pylist() == ["打[PHONE_NUMBER]"]
