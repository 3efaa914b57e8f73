"""The commands that build data, list types, evaluate and train."""

import json
from pathlib import Path

import pytest

from data_builders.sources.tags import ANNOTATED
from pii_sft.cli import main
from schemas.spans.record import read_records, write_records
from schemas.taxonomy import ALL_TYPES

Capture = pytest.CaptureFixture[str]

BIO = "张\tB-PER\n三\tI-PER\n在\tO\n\n上\tB-LOC\n海\tI-LOC\n"


def test_types_as_json(capsys: Capture) -> None:
    assert main(["types"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)["types"]] == list(ALL_TYPES)


def test_types_as_table(capsys: Capture) -> None:
    assert main(["types", "--format", "table"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(ALL_TYPES)
    assert [line.split()[3] for line in lines[1:] if line.startswith(("EMAIL", "URL"))] == ["on", "off"]


def test_data_msra(capsys: Capture, tmp_path: Path) -> None:
    bio, out = tmp_path / "train.bio", tmp_path / "msra.jsonl"
    bio.write_text(BIO, encoding="utf-8")
    assert main(["data", "msra", str(bio), str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: 2 examples\n"
    assert [example.document.text for example in read_records(out)] == ["张三在", "上海"]
    assert {example.annotated for example in read_records(out)} == {ANNOTATED}


def test_data_msra_joins_without_a_separator(capsys: Capture, tmp_path: Path) -> None:
    bio, out = tmp_path / "train.bio", tmp_path / "msra.jsonl"
    bio.write_text(f"{BIO}\n" * 50, encoding="utf-8")
    assert main(["data", "msra", str(bio), str(out), "--join", "1"]) == 0
    texts = [example.document.text for example in read_records(out)]
    assert "".join(texts) == "张三在上海" * 50
    assert len(texts) < 100
    capsys.readouterr()


def test_data_written_joins_by_line_breaks_and_keeps_the_types_that_are_asked_for(
    capsys: Capture, tmp_path: Path
) -> None:
    texts, out = tmp_path / "texts.txt", tmp_path / "out.jsonl"
    texts.write_text("=== chat\n⟦PERSON_NAME|张三⟧的车⟦LICENSE_PLATE|川A12345⟧\n" * 60, encoding="utf-8")
    assert main(["data", "written", str(texts), str(out), "types=[PERSON_NAME]", "--join", "1"]) == 0
    examples = list(read_records(out))
    assert "\n".join(example.document.text for example in examples) == "\n".join(["张三的车川A12345"] * 60)
    assert len(examples) < 60
    assert {example.annotated for example in examples} == {("PERSON_NAME",)}
    assert {entity.type for example in examples for entity in example.entities} == {"PERSON_NAME"}
    capsys.readouterr()


@pytest.mark.parametrize(("name", "file"), [("msra", "a.bio"), ("written", "a.txt"), ("uner", "a.iob2")])
def test_data_without_an_example_is_an_error(name: str, file: str, capsys: Capture, tmp_path: Path) -> None:
    source, out = tmp_path / file, tmp_path / "out.jsonl"
    source.write_text("\n")
    assert main(["data", name, str(source), str(out)]) == 2
    assert f"{source}: holds no example; nothing was written" in capsys.readouterr().err
    assert not out.exists()


def test_data_msra_names_file_and_line_of_a_fault(capsys: Capture, tmp_path: Path) -> None:
    bio, out = tmp_path / "train.bio", tmp_path / "msra.jsonl"
    bio.write_text("张\tB-PER\n三\tX\n", encoding="utf-8")
    assert main(["data", "msra", str(bio), str(out)]) == 2
    assert f"{bio}:2" in capsys.readouterr().err
    assert not out.exists()


def test_data_synth_repeats_itself(capsys: Capture, tmp_path: Path) -> None:
    first, again, other = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    for path, seed in ((first, "1"), (again, "1"), (other, "2")):
        assert main(["data", "synth", "--split", "test", "--size", "20", "--seed", seed, str(path)]) == 0
    assert len(list(read_records(first))) == 20
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()
    capsys.readouterr()


def test_data_synth_joins_by_line_breaks(capsys: Capture, tmp_path: Path) -> None:
    parts, joined = tmp_path / "a", tmp_path / "b"
    command = ["data", "synth", "--split", "train", "--size", "40"]
    assert main([*command, str(parts)]) == main([*command, str(joined), "--join", "3"]) == 0
    texts = [[example.document.text for example in read_records(path)] for path in (parts, joined)]
    assert "\n".join(texts[0]) == "\n".join(texts[1])
    assert len(texts[1]) < 40
    capsys.readouterr()


def test_a_folder_that_cannot_be_written_is_named(capsys: Capture, tmp_path: Path) -> None:
    out = tmp_path / "missing" / "out.jsonl"
    assert main(["data", "synth", "--split", "train", "--size", "1", str(out)]) == 2
    assert capsys.readouterr().err == f"pii-sft: error: {out}: No such file or directory\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["epochs=0"], "teacher: epochs: Input should be greater than 0"),
        (["overlap=128"], "teacher: overlap must be at most half of window"),
        (["--recipe", "none"], "none: neither a shipped recipe (student, teacher) nor a readable file"),
        (["--unlabelled", "x"], "--unlabelled needs --teacher, which marks the texts"),
    ],
)
def test_tagger_train_says_what_is_wrong(capsys: Capture, tmp_path: Path, arguments: list[str], message: str) -> None:
    data, command = tmp_path / "data.jsonl", ["tagger", "train", "--base", str(tmp_path), "--out", str(tmp_path / "o")]
    write_records(data, [])
    assert main([*command, "--train", str(data), "--validation", str(data), *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"pii-sft: error: {message}")


@pytest.mark.parametrize("step", ["train", "export", "trim"])
def test_tagger_steps_name_a_folder_that_is_missing(capsys: Capture, tmp_path: Path, step: str) -> None:
    missing, data = str(tmp_path / "missing"), tmp_path / "data.jsonl"
    write_records(data, [])
    command = {
        "train": ["--base", missing, "--train", str(data), "--validation", str(data), "--out", str(tmp_path / "out")],
        "export": [missing, str(tmp_path / "out"), "--examples", str(data)],
        "trim": [missing, str(tmp_path / "out")],
    }[step]
    assert main(["tagger", step, *command]) == 2
    assert capsys.readouterr().err.startswith(f"pii-sft: error: {missing}/")
