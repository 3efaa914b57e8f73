"""Scans of a real server, which the tests start where PostgreSQL is installed."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pyarrow import parquet

from schemas.errors import DataError
from schemas.spans.prediction import Prediction
from serving.engines.rules.engine import RulesEngine
from serving.scan.databases.connection import connected
from serving.scan.parts import ReadError
from serving.scan.runners.local import Processes
from tests.serving.scan.cases import EMAIL, PHONE, contents, findings, quarantined, scanned
from tests.serving.scan.databases.cases import ROW
from tests.serving.scan.databases.server import PASSWORD, Server, programs, running_server

pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'psycopg[binary]'")
PROGRAMS = programs()
pytestmark = pytest.mark.skipif(PROGRAMS is None, reason="no server of PostgreSQL is installed")
CUSTOMERS = [(7 * number, f"客户{number}，电话{13800138000 + number}") for number in range(1000)]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    assert PROGRAMS is not None
    with running_server(PROGRAMS) as running:
        running.run(
            "create table customers (id bigint primary key, note text)",
            "insert into customers values (%s, %s)",
            rows=CUSTOMERS,
        )
        running.run(
            "create schema hr",
            "create type mood as enum ('b', 'a')",
            """create table hr."Staff" (
                id uuid, mood mood, at timestamptz, primary key (mood, at, id), j json, jb jsonb, phones text[],
                ip inet, pay numeric(8, 2), is_in boolean, data bytea, until date, exact numeric)""",
            f"""insert into hr."Staff" select gen_random_uuid(), (array['a', 'b'])[1 + i % 2]::mood,
                '2020-01-01 00:00:00.000001+08'::timestamptz + (i / 3) * interval '1 microsecond',
                '{{"a": "\\u6253{PHONE}"}}', '["{EMAIL}", 13800138001]', array['好', '{PHONE}'], '10.1.2.3', 1.5, true,
                '\\x00ff', 'infinity', 7 from generate_series(0, 9) i""",
            "create view everybody as select * from customers",
            "create table log (day int, line text) partition by range (day)",
            "create table log_1 partition of log for values from (0) to (5)",
            f"insert into log select 1, (array['打{PHONE}', null, '无'])[1 + i % 3] from generate_series(0, 5) i",
            "create table codes (c char(4), n numeric, d date, primary key (c, n, d))",
            "insert into codes select 'a' || i % 2, i + 0.5, date '2020-01-01' + i from generate_series(0, 11) i",
            'create table "a/b%c:d." ("x%(y)s :z" text primary key)',
            f"insert into \"a/b%c:d.\" values ('{PHONE}')",
        )
        yield running


def test_all_tables_of_all_schemas_are_scanned(server: Server, tmp_path: Path) -> None:
    told = scanned([server.url()], tmp_path / "out", part_bytes=300 * ROW, operator="label")
    assert [(file["file"], file["rows"], file["rows_with_pii"]) for file in told.figures["files"]] == [
        ("a/b%c:d.", 1, 1), ("codes", 12, 0), ("customers", 1000, 1000), ("hr.Staff", 10, 10), ("log", 6, 2),
    ]  # fmt: skip
    assert [(row["path"].rpartition("#")[2], row["reason"]) for row in told.figures["left_out"]] == [
        ("everybody", "a view, whose rows are those of tables"),
        ("log_1", "a partition, which is read with its table"),
    ]
    assert not told.quarantined
    staff = [found[2:4] for found in findings(tmp_path / "out") if found[:2] == ("hr.Staff", 9)]
    assert staff == [
        ("j.a", "PHONE_NUMBER"), ("jb[*]", "EMAIL"), ("jb[*]", "PHONE_NUMBER"), ("phones", "PHONE_NUMBER"),
        ("ip", "IP_ADDRESS"),
    ]  # fmt: skip
    (log,) = (file for file in told.figures["files"] if file["file"] == "log")
    assert [column["rows"] for column in log["columns"]] == [4]


def test_copies_keep_types(server: Server, tmp_path: Path) -> None:
    tables = ("hr.Staff", "log", "codes")
    scanned([server.url()], tmp_path / "out", part_bytes=3 * ROW, operator="label", tables=tables)
    copy = parquet.read_table(tmp_path / "out" / "redacted" / "hr.Staff.parquet")
    assert {field.name: str(field.type) for field in copy.schema} == {
        **dict.fromkeys(["id", "mood", "j", "jb", "phones", "ip", "exact"], "string"),
        "at": "timestamp[us, tz=UTC]", "pay": "decimal128(8, 2)", "is_in": "bool", "data": "binary",
        "until": "date32[day]",
    }  # fmt: skip
    assert copy["mood"].to_pylist() == ["b"] * 5 + ["a"] * 5, "an enum is in the order of its values"
    assert copy["at"].to_pylist()[:5] == sorted(copy["at"].to_pylist()[:5]) and len(set(copy["id"].to_pylist())) == 10
    row = copy.to_pylist()[0]
    assert row["j"] == '{"a": "\\u6253[PHONE_NUMBER]"}' and row["jb"] == '["[EMAIL]", "[PHONE_NUMBER]"]'
    assert row["phones"] == "{好,[PHONE_NUMBER]}" and row["data"] == b"\0\xff" and row["until"] is None
    codes = parquet.read_table(tmp_path / "out" / "redacted" / "codes.parquet")["n"].to_pylist()
    assert codes == [f"{number}.5" for number in (0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11)]
    lines = parquet.read_table(tmp_path / "out" / "redacted" / "log.parquet")["line"].to_pylist()
    assert lines == ["打[PHONE_NUMBER]", "打[PHONE_NUMBER]", "无", "无", None, None]


def test_workers_write_the_same_bytes(server: Server, tmp_path: Path) -> None:
    scanned([server.url()], tmp_path / "one", part_bytes=99 * ROW, operator="label", values=True)
    scanned([server.url()], tmp_path / "two", runner=Processes(2), part_bytes=99 * ROW, operator="label", values=True)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_server_that_dies_ends_the_scan_which_goes_on_later(server: Server, tmp_path: Path) -> None:
    asked = {"part_bytes": 600 * ROW, "operator": "label", "tables": ("customers",)}
    scanned([server.url()], tmp_path / "one", **asked)

    def find(texts: Sequence[str]) -> list[Prediction]:
        if any("客户700，" in text for text in texts):
            server.stop()
        return RulesEngine().detect(texts)

    try:
        with pytest.raises(DataError, match="cannot be reached or used, or went away") as raised:
            scanned([server.url()], tmp_path / "two", find, **asked)
        assert PASSWORD not in str(raised.value) and not isinstance(raised.value, ReadError)
        assert not list((tmp_path / "two").rglob("*.tmp")) and not (tmp_path / "two" / "findings.parquet").exists()
        assert len(list((tmp_path / "two" / ".parts").glob("*.json"))) == 1
        with pytest.raises(DataError, match="OperationalError"):
            scanned([server.url()], tmp_path / "two", **asked)
    finally:
        server.stop()
        server.start()
    scanned([server.url()], tmp_path / "two", **asked)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_password_is_written_nowhere_and_may_come_from_the_environment(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"tables": ("customers",), "part_bytes": 300 * ROW}
    scanned([server.url()], tmp_path / "out", **asked)
    with pytest.raises(DataError, match=r"OperationalError.*; check server, user, password") as raised:
        scanned([server.url(password="wr0ng")], tmp_path / "wrong")
    assert "wr0ng" not in str(raised.value)
    with pytest.raises(DataError, match="OperationalError"):
        scanned([server.url(password="")], tmp_path / "wrong")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert scanned([server.url(password="")], tmp_path / "out", **asked).was_finished
    in_query = server.url(password="") + "&application_name=s3cret"
    assert scanned([in_query], tmp_path / "out", **asked).was_finished
    for content in contents(tmp_path / "out").values():
        assert not any(secret in content for secret in (b"geheim", b"s3cret"))


def test_what_the_server_refuses_is_told_by_table(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="ReadOnlySqlTransaction"), connected(server.url()) as connection:
        connection.exec_driver_sql("delete from customers")
    server.run(f"create role clerk login password '{PASSWORD}'", "grant select on log to clerk")
    url = server.url().replace("postgres:", "clerk:")
    scanned([url], tmp_path / "out", tables=("customers", "log"), part_bytes=300 * ROW)
    assert quarantined(tmp_path / "out") == [
        {"file": "customers", "reason": "the database does not give it (InsufficientPrivilege 42501)"}
    ]
    assert len(findings(tmp_path / "out")) == 2


def test_rows_of_tables_that_inherit_are_read_once(server: Server, tmp_path: Path) -> None:
    server.run(
        "create schema kin",
        "create table kin.parent (t text)",
        "create table kin.child (extra text) inherits (kin.parent)",
        f"insert into kin.parent values ('{PHONE}')",
        f"insert into kin.child values ('{PHONE}', '{EMAIL}')",
    )
    told = scanned([server.url()], tmp_path / "out", tables=("kin.parent", "kin.child"), operator="label")
    assert [(file["file"], file["rows"]) for file in told.figures["files"]] == [("kin.parent", 1), ("kin.child", 1)]
    assert len(findings(tmp_path / "out")) == 3 and not told.quarantined


def test_rows_are_never_hidden_untold(server: Server, tmp_path: Path) -> None:
    server.run(
        "create table hidden (id int primary key, t text)",
        f"insert into hidden values (1, '{PHONE}'), (2, '{PHONE}')",
        "alter table hidden enable row level security",
        "create policy visible on hidden using (id = 1)",
        f"create role guest login password '{PASSWORD}'",
        "grant select on hidden to guest",
    )
    scanned([server.url().replace("postgres:", "guest:")], tmp_path / "out", tables=("hidden",))
    reason = "the database does not give it (InsufficientPrivilege 42501)"
    assert quarantined(tmp_path / "out") == [{"file": "hidden", "reason": reason}]
    assert scanned([server.url()], tmp_path / "all", tables=("hidden",)).figures["rows"] == 2
