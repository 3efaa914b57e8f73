import json
import os
from pathlib import Path

import pytest

from schemas.errors import DataError
from serving.scan.paths import Paths
from tests.serving.scan.cases import PHONE, contents, scan_and_kill, scanned, write_files


def names(out: Path, source: Path | str) -> tuple[list[str], dict[str, str]]:
    """The names of the files that `source` stands for, and what is left out, by name."""
    paths = Paths(out)
    found = [str(name) for _, name in paths.files(str(source))]
    return found, {Path(path).name: reason for path, reason in paths.left_out}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a.csv", "b/c.csv", "b/d/e.log", ".f/g.csv", ".h.csv"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")
    return tmp_path / "in"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.csv", ["a.csv"]),
        ("**/*.csv", ["a.csv", "b/c.csv"]),
        ("**", ["a.csv", "b/c.csv", "b/d/e.log"]),
        ("b/**", ["c.csv", "d/e.log"]),
        ("*/*.csv", ["b/c.csv"]),
        ("**/d/*", ["b/d/e.log"]),
        ("**/b/**/e.*", ["b/d/e.log"]),
        ("[ab]*/c.csv", ["b/c.csv"]),
        (".*", [".h.csv"]),
        (".f/?.csv", ["g.csv"]),
    ],
)
def test_a_glob_matches_what_it_matches_in_a_shell(tree: Path, pattern: str, found: list[str]) -> None:
    assert names(tree.parent / "out", tree / pattern)[0] == found


def test_a_glob_follows_each_folder_once(tree: Path) -> None:
    (tree / "b" / "loop").symlink_to(tree)
    (tree / "a_link").symlink_to(tree / "b")
    (tree / "other").symlink_to(tree)
    assert names(tree.parent / "out", tree / "**/*.csv") == (["a.csv", "b/c.csv"], {})


def test_links_that_lead_nowhere_and_pipes_are_left_out(tree: Path) -> None:
    (tree / "gone.csv").symlink_to(tree / "nothing")
    os.mkfifo(tree / "pipe.csv")
    reasons = {"gone.csv": "a link that leads nowhere", "pipe.csv": "no regular file"}
    assert names(tree.parent / "out", tree / "*.csv") == (["a.csv"], reasons)
    assert names(tree.parent / "out", tree / "pipe.csv") == ([], {"pipe.csv": "no regular file"})
    assert scanned([tree / "*.csv"], tree.parent / "out").figures["left_out"] == [
        {"path": str(tree / name), "reason": reason} for name, reason in reasons.items()
    ]
    with pytest.raises(DataError, match="contains no file that can be scanned"):
        scanned([tree / "pipe.csv"], tree.parent / "other")


def test_folders_that_a_glob_cannot_read_are_told(tree: Path) -> None:
    (tree / "b").chmod(0)
    try:
        if os.access(tree / "b", os.R_OK):
            pytest.skip("this user may read everything")
        reasons = {"b": "a folder that cannot be read (Permission denied)"}
        assert names(tree.parent / "out", tree / "**/*.csv") == (["a.csv"], reasons)
    finally:
        (tree / "b").chmod(0o755)


@pytest.mark.parametrize("pattern", ["**/*.*", "*", "**"])
def test_a_scan_into_a_folder_that_its_glob_matches_goes_on(tmp_path: Path, pattern: str) -> None:
    source = write_files(tmp_path / "in")
    scanned([source / pattern], tmp_path / "unbroken", operator="label")
    scan_and_kill(source / pattern, source / "out", 32 if "**" in pattern else 24)
    assert (source / "out" / "redacted" / "a.csv").exists()
    scanned([source / pattern], source / "out", operator="label")
    rows = [contents(out) for out in (tmp_path / "unbroken", source / "out")]
    assert rows[0] == rows[1]
    assert scanned([source / pattern], source / "out", operator="label").was_finished


def test_names_that_are_not_utf8_are_made_readable(tmp_path: Path) -> None:
    source = write_files(tmp_path / "in")
    for name in (b"x\xff.csv", b"y\xff.bin", b"z\xff.csv"):
        Path(os.fsdecode(os.fsencode(source) + b"/" + name)).write_text(f"a\n{PHONE}\n" if b"x" in name else '"')
    outcome = scanned([source], tmp_path / "out", operator="label")
    assert [row["path"] for row in outcome.figures["left_out"]] == [f"{source}/y\ufffd.bin"]
    assert (tmp_path / "out" / "redacted" / "x\ufffd.csv").read_text() == "a\n[PHONE_NUMBER]\n"
    assert json.loads((tmp_path / "out" / "quarantine.jsonl").read_text())["file"] == "z\ufffd.csv"
    assert scanned([source], tmp_path / "out", operator="label").was_finished


@pytest.mark.parametrize("scheme", ["file://", "local://"])
def test_urls_of_files_of_this_machine_are_paths(tree: Path, scheme: str) -> None:
    out = tree.parent / "out"
    scanned([f"{scheme}{tree}/a.csv"], out, operator="label")
    assert (out / "redacted" / "a.csv").read_text() == "x\n"
    with pytest.raises(DataError, match="is inside the folder"):
        scanned([f"{scheme}{tree}"], tree / "out")


def test_urls_of_web_servers_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a web server lists no files; name a URL of a file store"):
        scanned(["http://localhost:1/a.csv"], tmp_path / "out")
