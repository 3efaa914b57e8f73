import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.errors import DataError
from schemas.spans.prediction import Prediction
from serving.engines.rules.engine import RulesEngine
from serving.scan.parts import Part
from serving.scan.receipts import PartStore
from serving.scan.runners.local import Processes, serve
from serving.scan.scan_part import Work
from serving.scan.settings import ScanSettings
from tests.finding import behind_names
from tests.serving.scan.cases import contents, quarantined, scanned, write_files


@dataclass
class Deadly:
    """The rules in a process that dies at a text, once or always."""

    text: str
    mark: Path | None

    def __call__(self, texts: Sequence[str]) -> list[Prediction]:
        if any(text.endswith(self.text) for text in texts) and (self.mark is None or not self.mark.exists()):
            if self.mark is not None:
                self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return RulesEngine().detect(texts)


@dataclass
class Failing:
    """An engine that cannot be used."""

    def __call__(self, texts: Sequence[str]) -> list[Prediction]:
        raise DataError("the model is gone")


def test_processes_write_the_same_bytes_and_replace_a_worker_that_dies(tmp_path: Path) -> None:
    source = write_files(tmp_path / "in")
    scanned([source], tmp_path / "one", operator="label")
    find = Deadly("好", tmp_path / "mark")
    scanned([source], tmp_path / "two", find, Processes(2), operator="label")
    assert (tmp_path / "mark").exists()
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_part_that_no_worker_survives_is_quarantined(tmp_path: Path) -> None:
    source = write_files(tmp_path / "in")
    outcome = scanned([source], tmp_path / "out", Deadly("身份证11010519491231002X", None), Processes(1))
    lines = {line["file"]: line["reason"] for line in quarantined(tmp_path / "out")}
    assert lines == {"b.jsonl": "3 workers died on it", "e.parquet": "3 workers died on it"}
    assert outcome.quarantined == "1 files, 1 row groups"


def test_an_error_of_a_worker_ends_the_scan(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the model is gone"):
        scanned([write_files(tmp_path / "in")], tmp_path / "out", Failing(), Processes(2))
    assert not (tmp_path / "out" / "findings.parquet").exists()


def test_a_worker_whose_scan_has_ended_ends_in_silence(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x\n")
    (tmp_path / "parts").mkdir()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    work = Work(ScanSettings(), behind_names(RulesEngine().detect), PartStore(tmp_path / "parts", ""))
    process = context.Process(target=serve, args=(theirs, work))
    process.start()
    ours.send(Part(0, 0, str(tmp_path / "a.txt"), ".txt", 0, 2, 2, ("text",), ("text",)))
    ours.close()
    theirs.close()
    process.join(60)
    assert process.exitcode == 0 and capfd.readouterr().err == ""
    assert (tmp_path / "parts" / "000000-000000.json").exists()
