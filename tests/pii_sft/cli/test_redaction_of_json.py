"""`pii-sft redact` and `restore` of JSON, JSON Lines and streams."""

import subprocess
import sys
from pathlib import Path

import pytest

from pii_sft.cli import main

Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("key")
TEXT = "电话13800138000，邮箱zhang@example.com"


def test_standard_input_is_restored_as_it_comes(capsys: Capture, tmp_path: Path) -> None:
    token = str(tmp_path / "token")
    assert main(["redact", TEXT, "--token", token]) == 0
    capsys.readouterr()
    command = [sys.executable, "-m", "pii_sft", "restore", "--token", token]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        told = "回复[PHONE_NUMBER_1]吧[EMAIL_9]。".encode()
        for begin, end in ((0, 2), (2, 9), (9, 30)):  # within a character, and within a stand-in
            process.stdin.write(told[begin:end])
            process.stdin.flush()
        first = process.stdout.read1()
        assert first and process.poll() is None  # some of it is there before the end
        process.stdin.write(told[30:] + b"\xe4")
        process.stdin.close()
        restored, errors = first + process.stdout.read(), process.stderr.read().decode()
    assert process.returncode == 2 and f"stdin: byte {len(told)} is not UTF-8" in errors
    assert restored.decode() == "回复13800138000吧[EMAIL_9]。"


def test_json_goes_out_and_comes_back(capsys: Capture, tmp_path: Path) -> None:
    token, text = str(tmp_path / "token"), '{"电话": 13800138000,\n "to": ["zhang@example.com", null]}'
    (tmp_path / "a.json").write_text("\ufeff" + text, encoding="utf-8")
    assert main(["redact", str(tmp_path / "a.json"), "--json", "--token", token]) == 0
    redacted = capsys.readouterr().out.removeprefix("\ufeff")
    assert redacted == '{"电话": "[PHONE_NUMBER_1]",\n "to": ["[EMAIL_1]", null]}'
    assert main(["redact", str(tmp_path / "a.json"), "--out", str(tmp_path / "b.json"), "--token", token]) == 0
    assert (tmp_path / "b.json").read_text(encoding="utf-8") == "\ufeff" + redacted
    capsys.readouterr()
    assert main(["restore", str(tmp_path / "b.json"), "--json", "--token", token]) == 0
    assert capsys.readouterr().out == "\ufeff" + text
    (tmp_path / "bad.json").write_text('{"a": 13800138000', encoding="utf-8")
    for arguments in (["--json"], ["--out", str(tmp_path / "c.json")]):
        assert main(["redact", str(tmp_path / "bad.json"), *arguments]) == 2
        error = capsys.readouterr().err
        assert "not JSON at line 1, column 18" in error and "138" not in error
    assert not (tmp_path / "c.json").exists()
    assert main(["redact", str(tmp_path / "a.json"), "--json", "--out", str(tmp_path / "c.json")]) == 2
    assert "with --out the ending .json says it" in capsys.readouterr().err


def test_paths_of_json_lines_are_redacted(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"messages": [{"content": "打13800138000"}], "id": 13800138000}\n', encoding="utf-8"
    )
    arguments = [str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "b.jsonl"), "--column", "messages[*].content"]
    assert main(["redact", *arguments]) == 0
    expected = '{"messages": [{"content": "打[PHONE_NUMBER_1]"}], "id": 13800138000}\n'
    assert (tmp_path / "b.jsonl").read_text(encoding="utf-8") == expected


def test_the_ending_of_a_file_says_that_it_is_json(capsys: Capture, tmp_path: Path) -> None:
    """Read as a text, its escapes would hide what they write."""
    token, line = str(tmp_path / "token"), '{"a": "\\u6253 138\\u0030013 8000"}'
    for name, text in (("a.json", line), ("b.jsonl", f'{line}\n\n{{"b": "x"}}\n')):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert main(["redact", str(tmp_path / "a.json"), "--token", token]) == 0
    assert capsys.readouterr().out == '{"a": "\\u6253 [PHONE_NUMBER_1]"}'
    assert main(["redact", str(tmp_path / "b.jsonl"), "--token", token]) == 2
    assert "b.jsonl: fields and columns of tables are redacted with --column and --out" in capsys.readouterr().err


def test_json_lines_are_restored_line_by_line(capsys: Capture, tmp_path: Path) -> None:
    token, text = str(tmp_path / "token"), '{"a": "138\\n0013 8000"}\n{"a": "打13800138000"}\n'
    (tmp_path / "a.jsonl").write_text(text, encoding="utf-8")
    out = str(tmp_path / "b.jsonl")
    assert main(["redact", str(tmp_path / "a.jsonl"), "--out", out, "--column", "a", "--token", token]) == 0
    capsys.readouterr()
    assert main(["restore", out, "--token", token]) == 0
    assert capsys.readouterr().out == text
