"""Files behind URLs, read by ranges as the stores of clouds are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving.scan.cases import contents, findings, quarantined, scanned, write_files

fsspec = pytest.importorskip("fsspec")

from fsspec.implementations.memory import MemoryFileSystem  # noqa: E402 - after the check
from fsspec.spec import AbstractBufferedFile  # noqa: E402


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


@pytest.fixture
def store() -> Iterator[RangeFiles]:
    fsspec.register_implementation("ranges", RangeFiles, clobber=True)
    RangeFiles.store.clear()
    yield RangeFiles()
    RangeFiles.broken = False


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
