"""The command as a process and as a whole: start-up, errors, signals, and silence about what was typed."""

import contextlib
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import pii_sft
from pii_sft.cli import build_parser, main

ROOT = Path(pii_sft.__file__).parent.parent
COMMAND = [sys.executable, "-m", "pii_sft"]
HEAVY = {"torch", "transformers", "onnxruntime", "numpy", "tokenizers", "fastapi", "pydantic", "uvicorn", "faker"}
SECRET = "机密13912345678"

Capture = pytest.CaptureFixture[str]


def run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_command_answers_about_itself(option: str) -> None:
    done = run([option])
    assert (done.returncode, done.stderr) == (0, "") and "pii-sft" in done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["types"], ["detect", "--help"]])
def test_start_up_loads_nothing_heavy(arguments: Sequence[str]) -> None:
    """How long it takes is a benchmark: `pii-sft bench`."""
    code = (
        "import sys; from pii_sft.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit: pass\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "schemas" in loaded
    assert not loaded & HEAVY


def test_version_is_the_packages() -> None:
    assert run(["--version"]).stdout == f"pii-sft {pii_sft.__version__}\n"


@pytest.mark.parametrize(
    "command", ["detect", "redact", "restore", "key", "types", "serve", "data", "tagger", "eval", "bench"]
)
def test_every_command_explains_itself(command: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit, match=r"^0$"):
        build_parser().parse_args([command, "--help"])
    assert f"usage: pii-sft {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [SECRET],
        [f"it's {SECRET}"],
        ["detect", "a", SECRET],
        ["detect", f"--{SECRET}"],
        ["detect", "a", "--min-score", SECRET],
        ["detect", "a", "--min-score", "nan"],
        ["detect", "a", "--format", f"{SECRET}\n\"'"],
        ["serve", "--port", SECRET],
        ["serve", "--port", "65536"],
        ["serve", "--max-characters", "0"],
        ["data", "synth", "--split", SECRET, "--size", "1", "out"],
        ["data", "synth", "--split", "test", "--size", "1", "--seed", SECRET, "out"],
        ["data", "msra"],
        [f"--version={SECRET}"],
        ["detect", "a", f"--no-rules={SECRET}"],
        ["detect", "a", f"--m={SECRET}"],
    ],
)
def test_a_wrong_command_line_exits_with_2_and_is_not_repeated(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        main(arguments)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "error: " in captured.err
    assert "机密" not in captured.err
    assert "13912345678" not in captured.err


def test_a_misspelt_option_before_a_command_may_be_meant(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["gateway", "--upsteam", "https://api.example.com/v1"])
    assert "COMMAND: not a command, or an option before it is unknown (choose from" in capsys.readouterr().err


def test_a_missing_package_is_told_with_the_extra_that_has_it(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "training.tagger.trim", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["tagger", "trim", "base", "out"]) == 2
    assert capsys.readouterr().err == (
        "pii-sft: error: this command needs the package torch: pip install '.[llm]', or '.[train]' to train\n"
    )


def test_an_unforeseen_error_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "eval.report", None)
    with pytest.raises(ModuleNotFoundError):
        main(["eval", "--data", "none.jsonl", "--out", "out"])


def test_a_reader_that_goes_away_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run([*COMMAND, "types"], cwd=ROOT, stdout=write_end, stderr=subprocess.PIPE, timeout=120)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(("no_colour", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_a_table(no_colour: str, coloured: bool) -> None:
    parent, child = pty.openpty()
    environment = {**os.environ, "NO_COLOR": no_colour}
    process = subprocess.Popen([*COMMAND, "types"], cwd=ROOT, stdout=child, env=environment)
    os.close(child)
    output = b""
    with contextlib.suppress(OSError):  # so Linux tells that the other end is closed
        while block := os.read(parent, 65536):
            output += block
    os.close(parent)
    assert process.wait(120) == 0
    assert (b"\x1b[" in output) == coloured
    assert re.search("PERSON_NAME .* 姓名 ", output.decode())
