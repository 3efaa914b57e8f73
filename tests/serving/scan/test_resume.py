import os
import shutil
from pathlib import Path

import pytest

from schemas.errors import DataError
from tests.serving.scan.cases import contents, scan_and_kill, scanned, write_files


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("source") / "in")


@pytest.fixture(scope="module")
def unbroken(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("unbroken") / "out"
    scanned([source], out, operator="label")
    return contents(out)


@pytest.mark.parametrize("renames", [1, 2, 6, 21, 28, 31, 34])
def test_a_killed_scan_resumes_to_the_same_bytes(
    source: Path, unbroken: dict[str, bytes], tmp_path: Path, renames: int
) -> None:
    out = tmp_path / "out"
    scan_and_kill(source, out, renames)
    assert contents(out) != unbroken
    assert not scanned([source], out, operator="label").was_finished
    assert contents(out) == unbroken


def test_finished_parts_are_not_done_again(source: Path, unbroken: dict[str, bytes], tmp_path: Path) -> None:
    texts: list[str] = []

    class Ended(Exception):
        pass

    def find(batch: list[str]) -> list[object]:
        if "写zhang@example.com，谢谢你" in batch and not texts.count(batch[0]):
            texts.extend(batch)
            raise Ended
        texts.extend(batch)
        from serving.engines.rules.engine import RulesEngine

        return list(RulesEngine().detect(batch))

    out = tmp_path / "out"
    with pytest.raises(Ended):
        scanned([source], out, find, operator="label")  # type: ignore[arg-type]
    searched = list(texts)
    scanned([source], out, find, operator="label")  # type: ignore[arg-type]
    again = texts[len(searched) :]
    assert contents(out) == unbroken and searched[2] not in again and searched[-1] in again


def test_a_part_that_was_changed_is_done_again(source: Path, unbroken: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "out"
    scan_and_kill(source, out, 20)
    for path in (out / ".parts").glob("*.copy"):
        path.write_bytes(path.read_bytes()[:-1])
    for path in list((out / ".parts").glob("*.json"))[:2]:
        path.write_text("{", encoding="utf-8")
    scanned([source], out, operator="label")
    assert contents(out) == unbroken


def test_a_finished_scan_is_left_alone(source: Path, unbroken: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "out"
    scanned([source], out, operator="label")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    outcome = scanned([source], out, operator="label")
    assert outcome.was_finished and outcome.figures["rows"] == 14
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_a_folder_of_another_scan_is_refused(source: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "out", shutil.copytree(source, tmp_path / "in")
    scanned([other], out, operator="hash", key=b"key")
    for changed, told in {"columns": "column", "operator": "redact", "values": "values", "key": "key"}.items():
        value = {"columns": ("text",), "operator": "label", "values": True, "key": b"k"}[changed]
        with pytest.raises(DataError, match=f"holds a scan with another .*{told}"):
            scanned([other], out, **{"operator": "hash", "key": b"key", changed: value})
    os.utime(other / "a.csv", (1, 1))
    with pytest.raises(DataError, match=r"holds a scan of other files \(a\.csv is new or has changed\)"):
        scanned([other], out, operator="hash", key=b"key")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("x")
    with pytest.raises(DataError, match="is not an empty folder"):
        scanned([other], tmp_path / "mine")
