"""scripts/gpu: inputs in pieces, steps that are repeated until they are done, results that come home."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts" / "gpu"

Call = Callable[..., tuple[int, dict[str, str]]]


def script(name: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(SCRIPTS / f"{name}.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Runs a plan once and returns the exit code and the states of its steps."""

    def run(steps: Sequence[dict[str, Any]], *more: object) -> tuple[int, dict[str, str]]:
        plan = tmp_path / "plan.yaml"
        plan.write_text(yaml.safe_dump(list(steps)), encoding="utf-8")
        done = script("run", plan, "--work", tmp_path / "work", "--out", tmp_path / "out", *more)
        assert not done.stderr
        return done.returncode, json.loads(done.stdout.splitlines()[-1])

    return run


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_was_cut_is_joined_when_all_of_it_has_come(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "model.bin").write_bytes(os.urandom(250_000))
    assert script("pieces", "cut", tmp_path / "cut", f"base={tmp_path / 'base'}", "--megabytes", "0.1").returncode == 0
    pieces = sorted((tmp_path / "cut").iterdir())
    assert len(pieces) == 3 and all(piece.stat().st_size <= 100_000 for piece in pieces)
    for piece in pieces[::-1]:
        (tmp_path / "came").mkdir(exist_ok=True)
        piece.rename(tmp_path / "came" / piece.name)
        joined = script("pieces", "join", tmp_path / "came", tmp_path / "work")
        (tmp_path / "came" / piece.name).unlink()
        assert joined.stdout.strip() == ("base" if piece == pieces[0] else "")
    whole = tmp_path / "work" / "base" / "model.bin"
    assert whole.read_bytes() == (tmp_path / "base" / "model.bin").read_bytes()
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["base", "base.unpacked"]


def test_the_newest_of_several_versions_is_unpacked_once(tmp_path: Path) -> None:
    base, cut, work = tmp_path / "base", tmp_path / "cut", tmp_path / "work"
    base.mkdir()
    for version in range(6):
        (base / "version").write_text(str(version))
        script("pieces", "cut", cut, f"base={base}")
        for piece in cut.iterdir():
            if piece.stat().st_mtime > 1e9:
                os.utime(piece, (version, version))
    assert script("pieces", "join", cut, work).stdout.strip() == "base"
    assert (work / "base" / "version").read_text() == "5"
    before = (work / "base").stat().st_ino
    for piece in cut.iterdir():
        if piece.stat().st_mtime < 5:
            piece.unlink()
    assert not script("pieces", "join", cut, work).stdout.strip()
    assert (work / "base").stat().st_ino == before


def test_a_piece_that_was_damaged_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 1000)
    script("pieces", "cut", tmp_path / "cut", f"a={tmp_path / 'a'}")
    (piece,) = (tmp_path / "cut").iterdir()
    piece.write_bytes(piece.read_bytes()[:-1])
    joined = script("pieces", "join", tmp_path / "cut", tmp_path / "work")
    assert joined.returncode == 1 and "not those that were cut" in joined.stderr


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    none = tmp_path / "none"
    for arguments in (("join", none, tmp_path / "work"), ("cut", tmp_path / "cut", f"a={none}")):
        done = script("pieces", *arguments)
        assert done.returncode == 1 and "none: no such f" in done.stderr and "Traceback" not in done.stderr


def test_steps_wait_for_their_inputs_and_are_done_once(call: Call, tmp_path: Path) -> None:
    steps = [
        {"name": "late", "needs": ["made"], "commands": ["cat made >> used"], "results": ["used"]},
        {"name": "early", "commands": ["echo x > made"]},
    ]
    assert call(steps) == (0, {"late": "done", "early": "done"})
    assert call(steps)[0] == 0
    assert (tmp_path / "work" / "used").read_text() == "x\n"
    script("pieces", "join", tmp_path / "out", tmp_path / "home")
    assert (tmp_path / "home" / "late-results" / "used").read_text() == "x\n"


def test_a_step_that_is_stopped_goes_on_with_the_next_call(call: Call, tmp_path: Path) -> None:
    waits = "trap 'sleep 0.3; echo saved > checkpoint; exit' TERM; test -f checkpoint || { sleep 60 & wait $!; }"
    steps = [{"name": "train", "commands": [f"({waits}; echo end > out)"], "results": ["out"]}]
    assert call(steps, "--seconds", "1") == (1, {"train": "ready"})
    assert (tmp_path / "work" / "checkpoint").read_text() == "saved\n"
    assert call(steps) == (0, {"train": "done"})


def test_a_detached_step_goes_on_between_calls(call: Call, tmp_path: Path) -> None:
    waits = "while ! test -f go; do sleep 0.02; done"
    steps = [
        {"name": "tagger", "detached": True, "commands": [waits, "echo 1 > weights"], "results": ["weights"]},
        {"name": "llm", "commands": ["echo 2 > adapter"]},
    ]
    assert call(steps, "--seconds", "1") == (1, {"tagger": "running", "llm": "done"})
    (tmp_path / "work" / "go").touch()
    eventually((tmp_path / "work" / "steps" / "tagger.done").exists)
    assert call(steps) == (0, {"tagger": "done", "llm": "done"})


def test_a_step_that_fails_is_told_of_and_does_not_stop_the_others(call: Call, tmp_path: Path) -> None:
    steps = [
        {"name": "bad", "commands": ["echo why >&2; false", "touch never"]},
        {"name": "good", "commands": ["true"]},
    ]
    assert call(steps) == (1, {"bad": "failed", "good": "done"})
    assert not (tmp_path / "work" / "never").exists()
    script("pieces", "join", tmp_path / "out", tmp_path / "home")
    assert (tmp_path / "home" / "bad-results" / "bad.log").read_text() == "why\n"
    steps[0]["commands"] = ["echo now >&2"]
    (tmp_path / "work" / "steps" / "bad.failed").unlink()
    assert call(steps) == (0, {"bad": "done", "good": "done"})
    script("pieces", "join", tmp_path / "out", tmp_path / "home")
    assert (tmp_path / "home" / "bad-results" / "bad.log").read_text() == "why\nnow\n"


def test_large_results_come_home_over_several_calls(call: Call, tmp_path: Path) -> None:
    steps = [
        {"name": "big", "commands": ["head -c 70000000 /dev/urandom > weights"], "results": ["weights"]},
        {"name": "small", "commands": ["echo 1 > figures"], "results": ["figures"]},
    ]
    assert call(steps) == (1, {"big": "done", "small": "done"})
    assert sum(piece.stat().st_size for piece in (tmp_path / "out").iterdir()) <= 64_000_000
    assert call(steps)[0] == 0
    script("pieces", "join", tmp_path / "out", tmp_path / "home")
    assert (tmp_path / "home" / "big-results" / "weights").stat().st_size == 70_000_000
    assert (tmp_path / "home" / "small-results" / "figures").read_text() == "1\n"


def test_the_shipped_plan_is_in_order() -> None:
    steps = yaml.safe_load((SCRIPTS / "plan.yaml").read_text(encoding="utf-8"))
    names = [step["name"] for step in steps]
    assert len(set(names)) == len(names)
    commands = " ".join(command for step in steps for command in step["commands"])
    made = set(re.findall(r"(?:--out|model\.gguf) (\S+)", commands))
    inputs = {"tagger", "data", "base-0.5b", "base-1.5b", "tests"}
    assert {need.split("/")[0] for step in steps for need in step.get("needs", ())} <= inputs | made
