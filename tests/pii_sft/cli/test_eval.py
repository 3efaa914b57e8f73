import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pii_sft.cli import main
from schemas.spans.entity import Document, Entity, Example
from schemas.spans.record import write_records
from schemas.taxonomy import EntityType

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "test.jsonl"
    found = Example(Document("1", "13800138000"), (Entity(0, 11, EntityType.PHONE_NUMBER),), "test")
    missed = Example(Document("2", "密码abc"), (Entity(2, 5, EntityType.PASSWORD),), "test")
    write_records(path, [found, missed])
    return path


def run(data: Path, out: str, *more: str) -> int:
    folder = str(data.parent / out)
    return main(["eval", "--data", str(data), "--detector", "rules", "--out", folder, "--latency", "0", *more])


def recall(capsys: Capture) -> float:
    share: float = json.loads(capsys.readouterr().out.splitlines()[-1])["strict"]["rules"]["recall"]
    return share


def test_a_detector_is_scored(capsys: Capture, data: Path) -> None:
    assert run(data, "all") == 0
    assert recall(capsys) == 0.5
    assert run(data, "first", "--limit", "1") == 0
    assert recall(capsys) == 1.0
    assert run(data, "phones", "--types", "PHONE_NUMBER") == 0
    assert recall(capsys) == 1.0
    assert {path.name for path in (data.parent / "all").iterdir()} == {
        "plots", "predictions", "report.html", "report.json", "report.md",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "lost"),
    [(["--limit", "1"], "other data"), (["--types", "PHONE_NUMBER"], "other types"), ([], "tagger, not named now")],
)
def test_a_report_is_not_lost_to_another_one(capsys: Capture, data: Path, changed: list[str], lost: str) -> None:
    assert run(data, "out") == 0
    assert run(data, "out", "--detector", "tagger") == 0  # loses nothing
    before = (data.parent / "out" / "report.json").read_bytes()
    assert run(data, "out", *changed) == 2
    assert f"out: holds a report of {lost}; choose another folder" in capsys.readouterr().err
    assert (data.parent / "out" / "report.json").read_bytes() == before


def test_errors_of_a_report_are_shown_and_reports_compared(capsys: Capture, data: Path) -> None:
    assert run(data, "old", "--show-text") == 0
    old, new = data.parent / "old", data.parent / "new"
    assert main(["eval", "errors", str(old), "--top", "3"]) == 0
    shown = capsys.readouterr().out
    assert "type PASSWORD" in shown and "latin 3" in shown and "密码【abc】" in shown
    assert main(["eval", "compare", str(old), str(old)]) == 0
    assert capsys.readouterr().out == "nothing changed\n"
    figures = json.loads((old / "report.json").read_text(encoding="utf-8"))
    figures["detectors"][0]["scores"]["strict"]["micro"]["recall"] = 0.4
    new.mkdir()
    (new / "report.json").write_text(json.dumps(figures), encoding="utf-8")
    assert main(["eval", "compare", str(old), str(new)]) == 1
    assert "fell by more than 0.005: recall of rules" in capsys.readouterr().err
    assert main(["eval", "compare", str(old), str(new), "--threshold", "0.2"]) == 0
    assert main(["eval", "errors", str(old), "--of", "tagger"]) == 2


def test_general_text_that_is_none_is_named(capsys: Capture, data: Path) -> None:
    (data.parent / "general.txt").write_bytes(b"a\xff")
    assert run(data, "out", "--general", str(data.parent / "general.txt")) == 2
    assert "general.txt: byte 1 is not UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--out", "x"], "eval needs --data"),
        (["--data", "x"], "eval needs --out"),
        (["--data", "none.jsonl", "--out", "x"], "none.jsonl"),
        (["--data", "none.jsonl", "--out", "x", "--detector", "some"], "some: not an engine"),
    ],
)
def test_what_is_missing_is_named(capsys: Capture, arguments: Sequence[str], fault: str) -> None:
    assert main(["eval", *arguments]) == 2
    assert fault in capsys.readouterr().err


def test_a_killed_evaluation_goes_on(tmp_path: Path) -> None:
    text = "收件人张三，电话13800138000，住北京市朝阳区建国路88号。" * 4
    write_records(tmp_path / "test.jsonl", [Example(Document(str(number), text), (), "test") for number in range(24)])
    out = tmp_path / "out"
    command = [sys.executable, "-m", "pii_sft", "eval", "--data", str(tmp_path), "--out", str(out), "--latency", "0"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        try:
            assert process.stderr is not None
            next(line for line in process.stderr if line.startswith("tagger: 8 of 24"))
        finally:
            process.kill()
    assert process.returncode == -signal.SIGKILL
    (partial,) = (out / "predictions").glob(".tagger*.part")
    kept = partial.read_bytes()
    kept = kept[: kept.rindex(b"\n") + 1]
    done = kept.count(b"\n") - 1
    assert 8 <= done < 24
    finished = subprocess.run(command, capture_output=True, text=True, env=environment, check=True, timeout=120)
    assert f"tagger: {done} of 24 texts" in finished.stderr.splitlines()[0]
    (predictions,) = (out / "predictions").glob("tagger*.jsonl")
    assert predictions.read_bytes().startswith(kept) and predictions.read_bytes().count(b"\n") == 25
