"""Files behind URLs, read by ranges as the stores of clouds are."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import DataError
from serving.scan.storage import list_url, open_file, state_of
from tests.serving.scan.cases import contents, findings, quarantined, scanned, write_files

fsspec = pytest.importorskip("fsspec")

from fsspec.implementations.memory import MemoryFileSystem  # noqa: E402 - after the check
from fsspec.spec import AbstractBufferedFile, AbstractFileSystem  # noqa: E402
from fsspec.utils import infer_storage_options  # noqa: E402

SECRET = "S3cret"


class RangeFile(AbstractBufferedFile):  # type: ignore[misc]
    """A file of which ranges are fetched."""

    def _fetch_range(self, start: int, end: int) -> bytes:
        if self.fs.broken:
            raise RuntimeError("the answer was 我叫张三")
        return bytes(self.fs.cat_file(self.path)[start:end])


class RangeFiles(MemoryFileSystem):  # type: ignore[misc]
    """A store in memory whose files have no method but those of fsspec."""

    protocol = "ranges"
    store: dict[str, Any] = {}  # noqa: RUF012 - as the class has it
    pseudo_dirs = [""]  # noqa: RUF012
    cachable = False
    broken = False

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("ranges://", "memory://")))

    def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        if mode == "rb":
            return RangeFile(self, path, block_size=64, cache_type="readahead")
        return super()._open(path, mode, **options)


class HostFiles(RangeFiles):
    """A store on a host that wants a password, and that lists folders alone, as that of sftp does."""

    protocol = "hosted"
    store: dict[str, Any] = {}  # noqa: RUF012 - as the class has it

    def __init__(self, host: str, username: str, password: str) -> None:
        assert (host, username, password) == ("h", "bob", SECRET)
        super().__init__()

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(infer_storage_options(path)["path"]).rstrip("/")

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, Any]:
        options = infer_storage_options(path)
        return {name: options[name] for name in ("host", "username", "password") if name in options}

    def info(self, path: str, **options: Any) -> Any:
        row = super().info(path, **options)
        return {**row, "created": row["created"].timestamp()} if row["type"] == "file" else row

    def find(self, *args: Any, **options: Any) -> Any:
        return AbstractFileSystem.find(self, *args, **options)

    def ls(self, path: str, detail: bool = True, **options: Any) -> Any:
        if self.isfile(path):
            raise NotADirectoryError
        return super().ls(path, detail, **options)


class OddFiles(HostFiles):
    """One that lists a file as if it were a folder with itself in it, as that of ftp does."""

    protocol = "odd"

    def ls(self, path: str, detail: bool = True, **options: Any) -> Any:
        if self.isfile(path):
            return [{"name": f"{path}/{Path(path).name}", "size": 1, "type": "file"}]
        return super().ls(path, detail, **options)


@pytest.fixture
def store() -> Iterator[RangeFiles]:
    fsspec.register_implementation("ranges", RangeFiles, clobber=True)
    RangeFiles.store.clear()
    yield RangeFiles()
    RangeFiles.broken = False


@pytest.fixture
def memory() -> Iterator[MemoryFileSystem]:
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


@pytest.fixture(params=[HostFiles, OddFiles])
def host(request: pytest.FixtureRequest) -> str:
    """The URL of a host with a few files, without a path."""
    kind = request.param
    fsspec.register_implementation(kind.protocol, kind, clobber=True)
    HostFiles.store.clear()
    for name in ("a.csv", "b/c.csv", "b/d.csv"):
        kind("h", "bob", SECRET).pipe(f"/data/{name}", b"text\n13800138000\n")
    return f"{kind.protocol}://bob:{SECRET}@h"


def names(url: str) -> list[str]:
    """The names of the files that `url` stands for, all of which can be found and read by their URLs."""
    listed = list_url(url)
    for _, path, size, version in listed:
        assert state_of(path) == (size, version)
        with open_file(path) as file:
            assert len(file.read()) == size
    return [name for name, *_ in listed]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("a.csv", "q1.csv", "d/b.csv"):
            file.writestr(name, "text\n13800138000\n")
    return path


def test_a_store_is_scanned_as_a_folder_is(tmp_path: Path, store: RangeFiles) -> None:
    folder = write_files(tmp_path / "in")
    scanned([folder], tmp_path / "local", operator="label")
    for path in folder.rglob("*"):
        if path.is_file():
            store.pipe(f"/bucket/{path.relative_to(folder)}", path.read_bytes())
    scanned(["ranges://bucket"], tmp_path / "remote", operator="label")
    assert findings(tmp_path / "remote") == findings(tmp_path / "local")
    assert contents(tmp_path / "remote" / "redacted") == contents(tmp_path / "local" / "redacted")


def test_what_a_store_says_when_it_fails_is_not_told(tmp_path: Path, store: RangeFiles) -> None:
    store.pipe("/bucket/a.txt", "我叫张三".encode() * 100)

    def break_off(_: object) -> list[Any]:
        raise AssertionError

    RangeFiles.broken = True
    outcome = scanned(["ranges://bucket/a.txt"], tmp_path / "out", break_off)
    assert outcome.quarantined == "1 files"
    (told,) = quarantined(tmp_path / "out")
    assert told["reason"] == "the file store failed (RuntimeError)"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", ["data/a.csv", "data/b/c.csv", "data/b/d.csv"]),
        ("/", ["data/a.csv", "data/b/c.csv", "data/b/d.csv"]),
        ("/data", ["a.csv", "b/c.csv", "b/d.csv"]),
        ("/data/", ["a.csv", "b/c.csv", "b/d.csv"]),
        ("/data/b/c.csv", ["c.csv"]),
        ("/data/*/[c].csv", ["b/c.csv"]),
        ("/data/e", []),
    ],
)
def test_files_of_a_host_keep_it_in_their_urls(host: str, path: str, found: list[str]) -> None:
    assert names(host + path) == found


def test_a_host_is_scanned_and_its_password_is_not_told(tmp_path: Path, host: str) -> None:
    outcome = scanned([f"{host}/data"], tmp_path / "out")
    assert outcome.summary == "3 values in 3 of 3 rows" and not outcome.quarantined
    for path in (tmp_path / "out").iterdir():
        assert SECRET.encode() not in path.read_bytes() and b"bob" not in path.read_bytes()


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("zip://*.csv::file://{}", ["a.csv", "q1.csv"]),
        ("zip://q?.csv::file://{}", ["q1.csv"]),
        ("zip://d/*::file://{}", ["b.csv"]),
        ("zip://d::file://{}", ["b.csv"]),
        ("zip://**::file://{}", ["a.csv", "d/b.csv", "q1.csv"]),
        ("zip://a.csv::{}", ["a.csv"]),
        ("zip://::{}", ["a.csv", "d/b.csv", "q1.csv"]),
        ("zip::file://{}", ["a.csv", "d/b.csv", "q1.csv"]),
        ("simplecache::zip://*.csv::file://{}", ["a.csv", "q1.csv"]),
        ("zip://e.csv::{}", []),
        ("zip://*.csv::{}.no", []),
    ],
)
def test_an_archive_is_read_as_a_folder_is(archive: Path, place: str, found: list[str]) -> None:
    assert names(place.format(archive)) == found


def test_a_member_of_an_archive_that_becomes_another_one_has_changed(archive: Path) -> None:
    url = f"zip://a.csv::{archive}"
    before = state_of(url)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.csv", "text\n13800138001\n")
    assert before != state_of(url)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("c", ["a.csv", "d/q1.csv", "d/q2.csv"]),
        ("c/a.csv", ["a.csv"]),
        ("c/d/q?.csv", ["q1.csv", "q2.csv"]),
        ("c/*/q1.csv", ["d/q1.csv"]),
    ],
)
@pytest.mark.parametrize("before", ["memory://", "memory:///", "simplecache::memory://"])
def test_a_chain_is_kept(memory: MemoryFileSystem, before: str, path: str, found: list[str]) -> None:
    for name in ("a.csv", "d/q1.csv", "d/q2.csv"):
        memory.pipe(f"/c/{name}", b"text\n")
    assert names(before + path) == found


def test_wildcards_are_those_of_files_of_this_machine(memory: MemoryFileSystem) -> None:
    for name in ("q1.csv", "q2.csv", "q[2].csv", "ab:c?1.csv", "ab:c?2.csv"):
        memory.pipe(f"/b/{name}", b"text\n")
    assert names("memory://b/q?.csv") == ["q1.csv", "q2.csv"]
    assert names("memory://b/q[13].csv") == ["q1.csv"]
    assert names("memory://b/q[2].csv") == ["q[2].csv"]
    assert names("memory://b/ab:c?1.csv") == ["ab:c?1.csv"]
    assert names("memory://b/ab*") == ["ab:c?1.csv", "ab:c?2.csv"]


def test_a_chain_that_cannot_be_used_is_told_of_without_its_passwords(tmp_path: Path, archive: Path) -> None:
    archive.write_bytes(b"PK")
    with pytest.raises(DataError, match=rf"zip://a\.csv::file://{archive}: cannot be opened \(BadZipFile\)"):
        scanned([f"zip://a.csv::file://{archive}"], tmp_path / "out")
    with pytest.raises(DataError, match=r"zip://a\.csv::nothing://…@h/z\.zip: cannot be opened") as raised:
        scanned([f"zip://a.csv::nothing://bob:{SECRET}@h/z.zip?{SECRET}"], tmp_path / "out")
    assert SECRET not in str(raised.value)
