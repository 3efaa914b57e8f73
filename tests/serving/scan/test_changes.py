import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from schemas.errors import DataError
from schemas.spans.prediction import Prediction
from serving.engines.rules.engine import RulesEngine
from tests.serving.scan.cases import PHONE, contents, findings, quarantined, scan_and_kill, scanned, write_files

CHANGED = "changed while it was scanned"


def append(path: Path) -> None:
    with path.open("a") as file:
        file.write(f"{PHONE}\n")


def replace(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])


@pytest.mark.parametrize("change", [append, replace, Path.unlink])
@pytest.mark.parametrize("name", ["a.csv", "b.jsonl", "c/d.log", "e.parquet", "empty.log", "header.csv"])
def test_a_file_that_changes_during_a_scan_is_quarantined(
    tmp_path: Path, name: str, change: Callable[[Path], object]
) -> None:
    source = write_files(tmp_path / "in")
    (source / "empty.log").write_text("")
    (source / "header.csv").write_text("b,a\n")
    (source / "z.log").write_text("最后\n")

    def find(texts: Sequence[str]) -> list[Prediction]:
        if "最后" in texts:
            change(source / name)
        return RulesEngine().detect(texts)

    outcome = scanned([source], tmp_path / "out", find, operator="label")
    assert quarantined(tmp_path / "out") == [{"file": name, "reason": CHANGED}]
    assert outcome.quarantined == "1 files" and name not in {found[0] for found in findings(tmp_path / "out")}
    assert not (tmp_path / "out" / "redacted" / name).exists() and (tmp_path / "out" / "redacted" / "z.log").exists()
    assert PHONE.encode() not in b"".join(contents(tmp_path / "out").values())


@pytest.mark.parametrize("change", [append, replace, Path.unlink])
@pytest.mark.parametrize("renames", [6, 28, 34])
def test_a_scan_goes_on_when_files_have_changed(tmp_path: Path, renames: int, change: Callable[[Path], object]) -> None:
    source, out, told = write_files(tmp_path / "in"), tmp_path / "out", list[str]()
    scan_and_kill(source, out, renames)
    change(source / "a.csv")
    (source / "0.log").write_text(PHONE)
    outcome = scanned([source], out, tell=told.append, operator="label")
    assert quarantined(out) == [{"file": "a.csv", "reason": CHANGED}] and outcome.quarantined == "1 files"
    assert sorted(path.name for path in (out / "redacted").rglob("*.*")) == ["b.jsonl", "d.log", "e.parquet"]
    assert f"{source / '0.log'}: left out: came after the scan began" in told
    assert [Path(row["path"]).name for row in outcome.figures["left_out"]] == ["0.log"]
    shutil.copytree(source, tmp_path / "other")
    with pytest.raises(DataError, match="holds a scan of other files"):
        scanned([tmp_path / "other"], out, operator="label")


@pytest.mark.parametrize("name", ["findings.parquet", "map.json", "map.html", "redacted/c/d.log", "quarantine.jsonl"])
def test_what_is_missing_of_a_finished_scan_is_told(tmp_path: Path, name: str) -> None:
    source, out = write_files(tmp_path / "in"), tmp_path / "out"
    (source / "bad.csv").write_text('"')
    scanned([source], out, operator="label")
    assert scanned([source], out, operator="label").was_finished
    (out / name).unlink()
    with pytest.raises(DataError, match=f"{name}: is missing, though the scan is finished"):
        scanned([source], out, operator="label")


@pytest.mark.parametrize(
    ("name", "key"),
    [("scan.json", ""), ("scan.json", "settings"), ("scan.json", "files"), ("map.json", ""), ("map.json", "types")],
)
@pytest.mark.parametrize("value", ["x", 3, [1], [["a"]], None])
def test_what_a_scan_did_not_write_is_told(tmp_path: Path, name: str, key: str, value: object) -> None:
    source, out = write_files(tmp_path / "in"), tmp_path / "out"
    scanned([source], out)
    row = json.loads((out / name).read_text())
    (out / name).write_text(json.dumps({**row, key: value} if key else value))
    with pytest.raises(DataError, match=f"{name}: is not what a scan wrote"):
        scanned([source], out)


def test_a_folder_that_is_called_like_a_temporary_file_stays(tmp_path: Path) -> None:
    source, out = write_files(tmp_path / "in"), tmp_path / "out"
    (source / ".old.tmp").mkdir()
    (source / ".old.tmp" / "a.log").write_text(PHONE)
    scan_and_kill(source, out, 32)
    scanned([source], out, operator="label")
    assert (out / "redacted" / ".old.tmp" / "a.log").read_text() == "[PHONE_NUMBER]"


def test_a_url_whose_file_changes_during_a_scan_is_quarantined(tmp_path: Path) -> None:
    system = pytest.importorskip("fsspec").filesystem("memory")
    for name in "abcd":
        system.pipe(f"/changes/{name}.csv", b"a\n1\n")

    def find(texts: Sequence[str]) -> list[Prediction]:
        if "a: 1" in texts:
            system.pipe("/changes/a.csv", b"a\n2\n")
            system.pipe("/changes/b.csv", b"a\n1\n2\n")
            if system.exists("/changes/c.csv"):
                system.rm("/changes/c.csv")
        return RulesEngine().detect(texts)

    outcome = scanned(["memory://changes"], tmp_path / "out", find, operator="label")
    assert [row["file"] for row in quarantined(tmp_path / "out") if row["reason"] == CHANGED] == [
        "a.csv",
        "b.csv",
        "c.csv",
    ]
    assert outcome.quarantined == "3 files" and (tmp_path / "out" / "redacted" / "d.csv").exists()
