from pathlib import Path

import pytest

from schemas.errors import DataError
from serving.scan.urls import shown_url
from tests.serving.scan.cases import scanned

SECRET = "S3cret"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"postgresql+psycopg://bob:{SECRET}@h:5432/db", "postgresql+psycopg://…@h:5432/db"),
        (f"postgresql://bob:{SECRET}/x?@h/db?sslmode=x", "postgresql://…@h/db"),
        (f"postgresql+psycopg:/bob:{SECRET}@h/db", "postgresql+psycopg:/…@h/db"),
        (f"jdbc:postgresql://h/db?user=bob&password={SECRET}", "jdbc:postgresql://h/db"),
        (f"jdbc:sqlserver://h:1433;password={SECRET}", "jdbc:sqlserver://h:1433"),
        (f"postgresql://bob:{SECRET}", "postgresql://bob:…"),
        (f"http://u:{SECRET}@h/a.csv?token={SECRET}", "http://…@h/a.csv"),
        (f"s3://k:{SECRET}@bucket/a", "s3://…@bucket/a"),
        (f"postgresql+psycopg://bob:{SECRET}@/db?sslmode={SECRET}&host=/run", "postgresql+psycopg://…@/db?host=/run"),
        ("sqlite:////home/a:b/c.db", "sqlite:////home/a:b/c.db"),
        ("postgresql://[::1]:5432/db?password=" + SECRET, "postgresql://[:…/db"),
        ("zip://*.csv::file:///a/z.zip", "zip://*.csv::file:///a/z.zip"),
        ("zip://a.csv::/a/z.zip", "zip://a.csv::/a/z.zip"),
        ("simplecache::zip::memory://z.zip", "simplecache::zip::memory://z.zip"),
        (f"zip://a.csv::ftp://bob:{SECRET}@h:21/z.zip?{SECRET}", "zip://a.csv::ftp://…@h:21/z.zip"),
        (f"zip://a.csv::simplecache::ftp://bob:{SECRET}@h/z.zip", "zip://a.csv::simplecache::ftp://…@h/z.zip"),
        (f"simplecache::ftp://bob:{SECRET}@h/a.csv", "simplecache::ftp://…@h/a.csv"),
        (f"zip://u:{SECRET}@h/a?{SECRET}::ftp://bob:{SECRET}@h/z.zip", "zip://…@h/z.zip"),
        (f"zip://a?{SECRET}::file:///z.zip", "zip://a"),
        (f"ftp://bob:1::{SECRET}@h/a", "ftp://…@h/a"),
        (f"ftp://bob:1::x://{SECRET}@h/a", "ftp://…@h/a"),
        (f"ftp://bob:1::/{SECRET}@h/a", "ftp://…@h/a"),
        (f"http://h/a?token=1::{SECRET}", "http://h/a"),
        (f"http://h/a?token=1::/{SECRET}", "http://h/a"),
        ("folder/a:b@c.csv", "folder/a:b@c.csv"),
    ],
)
def test_a_url_is_shown_without_user_and_query(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"postgres://bob:{SECRET}@h/db", "postgres://…@h/db: write postgresql:// instead of postgres://"),
        (f"postgres+psycopg://bob:{SECRET}@h/db", "write postgresql.psycopg:// instead of postgres.psycopg://"),
        (f"PostgreSQL://bob:{SECRET}@h/db", "write postgresql:// instead of PostgreSQL://"),
        (f"clickhouse://bob:{SECRET}@h/db", "clickhouse://…@h/db: cannot be opened"),
        (f"mongodb://bob:{SECRET}@h/db", "mongodb://…@h/db: cannot be opened"),
        (f"jdbc:postgresql://bob:{SECRET}@h/db", "jdbc:postgresql://…@h/db: cannot be opened"),
        (f"postgresql+psycopg:/bob:{SECRET}@h/db", "postgresql.psycopg:/…@h/db: no such file or folder; a URL has ://"),
        (f"nothing+driver://u:{SECRET}@h/a", "…@h/a: SQLAlchemy knows no such database or driver"),
        (f"postgresql://u:{SECRET}@h:port/a", "…@h:…/a: not a URL of a database"),
        (f"memory://u:{SECRET}@h/a.csv", "memory://…@h/a.csv: no such file or folder"),
    ],
)
def test_no_error_tells_a_password(tmp_path: Path, url: str, told: str) -> None:
    with pytest.raises(DataError, match=told) as raised:
        scanned([url], tmp_path / "out")
    assert SECRET not in str(raised.value) and "bob" not in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_no_result_tells_a_password(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    for name in ("a.txt", "b.png"):
        with system.open(f"/u:{SECRET}@h/{name}", "wb") as file:
            file.write(b"x")
    outcome = scanned([f"memory://u:{SECRET}@h"], tmp_path / "out")
    assert [row["path"] for row in outcome.figures["left_out"]] == ["memory://…@h/b.png"]
    for path in (tmp_path / "out").iterdir():
        assert SECRET.encode() not in (path.read_bytes() if path.is_file() else b"")


def test_an_option_that_the_driver_does_not_know_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"")
    with pytest.raises(DataError, match=r"a\.db: what stands behind \? cannot be used") as raised:
        scanned([f"sqlite:///{tmp_path}/a.db?timeout={SECRET}"], tmp_path / "out")
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("name", ["ab:c?1.csv", "ab:c[1].csv", "ab:c@d.csv"])
def test_a_file_whose_name_looks_like_a_url_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    for one in (name, f"{name}.png"):
        Path(one).write_text("text\n13800138000\n")
    for number, source in enumerate((name, ".", str(tmp_path / "in"), f"file://{tmp_path}/in/{name}")):
        figures = scanned([source], tmp_path / f"out{number}").figures
        assert [file["file"] for file in figures["files"]] == [name]
    with pytest.raises(DataError) as raised:
        scanned([f"{name}.png"], tmp_path / "out")
    assert str(raised.value).startswith(f"{name}.png: contains no file")
