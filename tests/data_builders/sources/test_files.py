"""`fetch` against a small hub on this machine, which speaks the part of the hub's protocol that errors need."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from huggingface_hub import constants

from data_builders.sources.files import fetch
from schemas.errors import DataError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache folder, holding one file of `owner/data` as the library lays it out."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "datasets--owner--data"
    (repository / "refs" / "refs" / "convert").mkdir(parents=True)
    (repository / "refs" / "refs" / "convert" / "parquet").write_text(COMMIT)
    (repository / "snapshots" / COMMIT / "train").mkdir(parents=True)
    (repository / "snapshots" / COMMIT / "train" / "0000.parquet").write_bytes(b"rows")
    return repository


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


class NothingHere(BaseHTTPRequestHandler):
    """Knows no revision of `owner/data` and no other repository."""

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("X-Error-Code", "RevisionNotFound" if "owner/data" in self.path else "RepoNotFound")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), NothingHere) as hub:
        Thread(target=hub.serve_forever, daemon=True).start()
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{hub.server_port}")
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield
        hub.shutdown()


@pytest.mark.usefixtures("offline")
def test_snapshot_in_the_cache_is_returned(cache: Path) -> None:
    folder = fetch("owner/data", "refs/convert/parquet", ["train/*.parquet"])
    assert folder == cache / "snapshots" / COMMIT
    assert (folder / "train" / "0000.parquet").read_bytes() == b"rows"


@pytest.mark.usefixtures("offline")
def test_no_file_matches() -> None:
    with pytest.raises(DataError, match=r"owner/data: no file of revision .* matches \*\.csv.*give a local folder"):
        fetch("owner/data", "refs/convert/parquet", ["*.csv"])


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(("repository", "revision"), [("owner/other", "main"), ("owner/data", "main"), ("a/b/c", "x")])
def test_offline_and_not_in_the_cache(repository: str, revision: str) -> None:
    with pytest.raises(
        DataError, match=rf"{repository}: revision {revision} cannot be downloaded.*give a local folder"
    ):
        fetch(repository, revision, ["*"])


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("repository", "cause"), [("owner/other", "RepositoryNotFoundError"), ("owner/data", "RevisionNotFoundError")]
)
def test_hub_knows_no_such_repository_or_revision(repository: str, cause: str) -> None:
    with pytest.raises(DataError, match=rf"{repository}: revision v9 .*\({cause}\).*give a local folder"):
        fetch(repository, "v9", ["*"])


def test_hub_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), NothingHere) as closed:
        port = closed.server_port
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with pytest.raises(DataError, match=r"owner/other: .*\(LocalEntryNotFoundError\).*give a local folder"):
        fetch("owner/other", "main", ["*"])
