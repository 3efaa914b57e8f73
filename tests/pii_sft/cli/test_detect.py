"""`pii-sft detect`: where the text comes from, and what is printed."""

import io
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from pii_sft.cli import main
from pii_sft.registry import EngineSpec
from serving.engines.rules.engine import RulesEngine

TEXT = "电话13800138000，邮箱zhang@example.com"
EXPECTED = RulesEngine().detect([TEXT])[0].to_dict()

Capture = pytest.CaptureFixture[str]


def give_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.usefixtures("rules")
class TestInput:
    def test_an_argument_is_the_text(self, capsys: Capture) -> None:
        assert main(["detect", TEXT]) == 0
        assert json.loads(capsys.readouterr().out) == EXPECTED

    def test_an_argument_that_names_a_file_is_read(self, capsys: Capture, tmp_path: Path) -> None:
        path = tmp_path / "mail.txt"
        path.write_bytes(TEXT.encode() + b"\r\n")
        assert main(["detect", str(path)]) == 0
        assert json.loads(capsys.readouterr().out) == EXPECTED

    @pytest.mark.parametrize("arguments", [[], ["-"]])
    def test_stdin(self, capsys: Capture, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
        give_stdin(monkeypatch, TEXT.encode())
        assert main(["detect", *arguments]) == 0
        assert json.loads(capsys.readouterr().out) == EXPECTED

    def test_line_breaks_count_as_they_stand(self, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
        give_stdin(monkeypatch, b"a\r\nb\r\n13800138000")
        assert main(["detect"]) == 0
        assert json.loads(capsys.readouterr().out)["entities"][0]["start"] == 6

    @pytest.mark.parametrize("text", ["x" * 5_000 + " 13800138000", "a\0 13800138000", "no/such/file 13800138000"])
    def test_what_can_be_no_file_is_text(self, capsys: Capture, text: str) -> None:
        assert main(["detect", text]) == 0
        assert json.loads(capsys.readouterr().out)["entities"][0]["value"] == "13800138000"

    @pytest.mark.parametrize("name", ["mial.txt", "data/none.jsonl", "./logs/app-1.log", "a.parquet", "B.NDJSON"])
    def test_a_missing_file_is_no_clean_text(self, capsys: Capture, name: str) -> None:
        assert main(["detect", name]) == 2
        assert capsys.readouterr().err == f"pii-sft: error: {name}: no such file\n"

    @pytest.mark.parametrize("name", ["来信.txt", "归档/记录（二）.csv"])
    def test_a_missing_file_that_may_be_a_text_is_not_repeated(self, capsys: Capture, name: str) -> None:
        assert main(["detect", name]) == 2
        told = capsys.readouterr().err
        assert "the input: no such file" in told and name not in told

    def test_a_file_that_is_not_utf8_is_named_with_the_position(self, capsys: Capture, tmp_path: Path) -> None:
        path = tmp_path / "gbk.txt"
        path.write_bytes(b"13800138000" + "张三".encode("gbk"))
        assert main(["detect", str(path)]) == 2
        captured = capsys.readouterr()
        assert captured.err == f"pii-sft: error: {path}: byte 11 is not UTF-8\n"
        assert captured.out == ""

    def test_stdin_that_is_not_utf8(self, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
        give_stdin(monkeypatch, b"ab\xff")
        assert main(["detect"]) == 2
        assert capsys.readouterr().err == "pii-sft: error: stdin: byte 2 is not UTF-8\n"

    def test_a_folder_is_no_text(self, capsys: Capture, tmp_path: Path) -> None:
        assert main(["detect", str(tmp_path)]) == 2
        assert "folder" in capsys.readouterr().err

    def test_a_lone_surrogate_is_refused(self, capsys: Capture) -> None:
        assert main(["detect", "13800138000\udcff"]) == 2
        error = capsys.readouterr().err
        assert "surrogate" in error
        assert "138" not in error


@pytest.mark.usefixtures("rules")
class TestOutput:
    def test_types_limit_the_search(self, capsys: Capture) -> None:
        assert main(["detect", TEXT, "--types", "URL, EMAIL"]) == 0
        assert [found["type"] for found in json.loads(capsys.readouterr().out)["entities"]] == ["EMAIL"]

    @pytest.mark.parametrize("types", ["NAME", "", "EMAIL,"])
    def test_unknown_types_are_answered_with_the_valid_ones(self, capsys: Capture, types: str) -> None:
        assert main(["detect", TEXT, "--types", types]) == 2
        assert "PERSON_NAME" in capsys.readouterr().err

    def test_min_score(self, capsys: Capture) -> None:
        assert main(["detect", TEXT, "--min-score", "1"]) == 0
        assert json.loads(capsys.readouterr().out) == {"entities": []}

    def test_characters_are_printed_as_they_are(self, capsys: Capture) -> None:
        assert main(["detect", "车牌京A12345"]) == 0
        assert "京A12345" in capsys.readouterr().out

    def test_table(self, capsys: Capture) -> None:
        assert main(["detect", TEXT, "--format", "table"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].split() == ["type", "value", "start", "end", "score", "source", "validated"]
        assert lines[1].split() == ["PHONE_NUMBER", "13800138000", "2", "13", "0.95", "rule", "yes"]
        assert len({line.index(word) for line, word in zip(lines, ("start", "2 ", "16 "), strict=True)}) == 1

    def test_table_of_nothing(self, capsys: Capture) -> None:
        assert main(["detect", "", "--format", "table"]) == 0
        assert capsys.readouterr().out == "no entities found\n"


def test_flags_and_names_with_options_reach_the_loader(rules: list[EngineSpec], capsys: Capture) -> None:
    assert main(["detect", "a", "--no-rules", "--model", "some/folder", "--threads", "3", "--recall", "1"]) == 0
    assert main(["detect", "a", "--engine", "tagger:some/folder?no-rules&threads=3", "--recall", "1"]) == 0
    assert main(["detect", "a"]) == 0
    assert main(["detect", "a", "--no-repeated-names"]) == 0
    chosen = {"model": Path("some/folder"), "rules": False, "repeated_names": True, "threads": 3, "recall": 1.0}
    usual = {"model": None, "rules": True, "repeated_names": True, "threads": 2, "recall": 0.0}
    without = {**usual, "repeated_names": False}
    assert [asdict(spec.config) for spec in rules] == [chosen, chosen, usual, without]
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--adapter", "run"], "--adapter works with --engine llm or vllm or sglang only"),
        (["--engine", "rules", "--threads", "1"], "--threads works with --engine tagger or tagger-fast or llm only"),
        (["--engine", "other"], "other: not an engine; choose one of tagger, tagger-fast, llm"),
    ],
)
def test_a_flag_of_another_engine_is_refused(arguments: list[str], told: str, capsys: Capture) -> None:
    assert main(["detect", "a", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_custom_rules_come_from_a_file(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "custom.json"
    pattern = {"type": "USERNAME", "pattern": r"工号(\d+)"}
    own = {"allow": ["13800138000"], "deny": [{"type": "ORGANIZATION", "value": "凤凰"}] * 2_000, "patterns": [pattern]}
    path.write_text(json.dumps(own), encoding="utf-8")
    text = "凤凰的工号123，电话13800138000"
    assert main(["detect", text, "--custom-rules", str(path)]) == 0
    assert [row["value"] for row in json.loads(capsys.readouterr().out)["entities"]] == ["凤凰", "123"]
    assert main(["redact", text, "--custom-rules", str(path), "--style", "label"]) == 0
    assert capsys.readouterr().out == "[ORGANIZATION]的工号[USERNAME]，电话13800138000"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"allow": "13912345678"}', ": allow: Input should be a valid array"),
        ('{"13912345678": 1}', ": Extra inputs are not permitted"),
        ('{"patterns": [{"type": "USERNAME", "pattern": "(13912345678"}]}', ": patterns.0.pattern: not a pattern"),
        ("[", ": Invalid JSON"),
        (None, ": cannot be read (No such file"),
    ],
)
def test_a_file_of_rules_that_is_none_is_named(capsys: Capture, tmp_path: Path, content: str | None, told: str) -> None:
    path = tmp_path / "custom.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert main(["detect", "a", "--custom-rules", str(path)]) == 2
    error = capsys.readouterr().err
    assert f"{path}{told}" in error and "139" not in error


def test_a_folder_without_a_model_is_an_error(capsys: Capture, tmp_path: Path) -> None:
    assert main(["detect", "13800138000", "--model", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"pii-sft: error: {tmp_path}")
    assert "138" not in error


def test_the_embedded_model_finds_name_and_number(capsys: Capture) -> None:
    text = "我叫张三，电话13800138000"
    assert main(["detect", text]) == 0
    entities = json.loads(capsys.readouterr().out)["entities"]
    assert [(found["type"], found["value"]) for found in entities] == [
        ("PERSON_NAME", "张三"),
        ("PHONE_NUMBER", "13800138000"),
    ]
    assert all(text[found["start"] : found["end"]] == found["value"] for found in entities)
