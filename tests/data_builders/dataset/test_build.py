"""Whole builds from small sources: what is written, and how it ends."""

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from data_builders.dataset.build import build_dataset
from data_builders.dataset.built import Built
from data_builders.splits import Split
from pii_sft.cli import main
from schemas.errors import DataError
from schemas.llm.alpaca import to_row
from schemas.llm.prompt import training_example, usual_types
from schemas.spans.record import read_records
from tests.data_builders.dataset.sources import files, lines, recipe

MAIN = "import sys; from pii_sft.cli import main; sys.exit(main(sys.argv[1:]))"


def test_every_source_gives_what_was_asked(dataset: tuple[Path, Built]) -> None:
    _, built = dataset
    assert built.shortfalls == []
    counts = {key: taken for key, (taken, _) in built.taken.items()}
    for source, count in (("msra", 100), ("ai4privacy", 100), ("synthetic", 150)):
        assert [counts[source, split] for split in Split] == [count * 8 // 10, count // 10, count // 10]


def test_the_files_hold_the_rows(dataset: tuple[Path, Built]) -> None:
    out, built = dataset
    for split in Split:
        assert list(read_records(out / f"{split}.jsonl")) == built.rows[split]
        rows = lines(out / f"{split}.jsonl")
        assert rows == [to_row(example) for example in built.rows[split]]
        assert pq.read_table(out / "parquet" / f"{split}.parquet").to_pylist() == rows
    assert len(lines(out / "quarantine.jsonl")) == len(built.quarantine)
    assert len(lines(out / "general.jsonl")) == 12


def test_msra_keeps_its_own_test(dataset: tuple[Path, Built]) -> None:
    _, built = dataset
    for split in Split:
        ids = [row.document.id for row in built.rows[split] if row.source == "msra"]
        assert ids
        assert all(name.startswith("test") == (split == Split.TEST) for name in ids)


def test_the_manifest_tells_where_it_comes_from(dataset: tuple[Path, Built], sources: Path) -> None:
    out, built = dataset
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["seed"] == 3
    assert manifest["rows"] == {str(split): len(built.rows[split]) for split in Split} | {"general": 12}
    assert str(sources) not in json.dumps(manifest)
    assert manifest["sha256"] == {name: value for name, value in files(out).items() if name != "manifest.json"}
    expected = hashlib.sha256((sources / "openpii.jsonl").read_bytes()).hexdigest()
    assert manifest["sources"]["ai4privacy"]["sha256"] == {"openpii.jsonl": expected}
    assert set(manifest["versions"]) >= {"pii-sft", "faker"}


def test_the_index_is_in_llama_factorys_form(dataset: tuple[Path, Built]) -> None:
    """https://llamafactory.readthedocs.io: file_name, formatting, columns and the tags of messages."""
    out, built = dataset
    index = json.loads((out / "dataset_info.json").read_text())
    assert set(index) == {f"pii_sft_{name}" for name in ("train", "validation", "test", "general")}
    pairs = index.pop("pii_sft_general")
    assert pairs["columns"] == {"prompt": "instruction", "query": "input", "response": "output"}
    for row in lines(out / pairs["file_name"]):
        assert all(isinstance(row[column], str) for column in pairs["columns"].values())
    for split in Split:
        entry = index[f"pii_sft_{split}"]
        assert entry["formatting"] == "sharegpt"
        assert entry["columns"] == {"messages": "messages"}
        tags = entry["tags"]
        roles = [tags[name] for name in ("system_tag", "user_tag", "assistant_tag")]
        rows = list(lines(out / entry["file_name"]))
        assert len(rows) == len(built.rows[split])
        for row, example in zip(rows, built.rows[split], strict=True):
            assert [message[tags["role_tag"]] for message in row["messages"]] == roles
            assert row["messages"][1][tags["content_tag"]] == example.document.text


def test_chats_are_what_our_own_trainer_teaches(dataset: tuple[Path, Built]) -> None:
    """Through the layout of ChatML, which Qwen's template in LLaMA-Factory writes."""
    out, built = dataset
    chats = lines(out / "chat" / "train.jsonl")
    for chat, example in zip(chats, built.rows[Split.TRAIN], strict=True):
        laid_out = "\n".join(f"<|im_start|>{turn['role']}\n{turn['content']}<|im_end|>" for turn in chat["messages"])
        assert laid_out == "".join(piece.text for piece in training_example(example, usual_types(example)))


def test_datasets_opens_the_folder(dataset: tuple[Path, Built], tmp_path: Path) -> None:
    out, built = dataset
    code = (
        "import sys, json, datasets; opened = datasets.load_dataset(sys.argv[1], cache_dir=sys.argv[2]);"
        "print(json.dumps({name: [rows.num_rows, rows[0]['entities'] is not None] for name, rows in opened.items()}))"
    )
    offline = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    command = [sys.executable, "-c", code, str(out), str(tmp_path)]
    run = subprocess.run(command, env=offline, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == {str(split): [len(built.rows[split]), True] for split in Split}


def test_card_and_report_count_what_is_there(dataset: tuple[Path, Built]) -> None:
    out, built = dataset
    card, page = ((out / name).read_text(encoding="utf-8") for name in ("README.md", "report.html"))
    train = len(built.rows[Split.TRAIN])
    assert f"| all | {train} | " in card
    names = sum(entity.type == "PERSON_NAME" for row in built.rows[Split.TRAIN] for entity in row.entities)
    assert f"| PERSON_NAME | 姓名 | {names} |" in card
    assert f"train {train:,}" in page
    assert "<script" not in page


def test_two_builds_are_the_same_bytes_under_any_hash_seed(
    dataset: tuple[Path, Built], sources: Path, tmp_path: Path
) -> None:
    out, built = dataset
    file = tmp_path / "recipe.yaml"
    file.write_text(json.dumps(built.recipe.model_dump(mode="json")))
    command = [sys.executable, "-c", MAIN, "data", "build", "--recipe", str(file), "--out"]
    subprocess.run([*command, str(tmp_path / "again")], env=os.environ | {"PYTHONHASHSEED": "7"}, check=True)
    assert files(tmp_path / "again") == files(out)


def test_too_small_a_source_is_told(sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "recipe.yaml"
    msra = {"count": 1000, "path": str(sources / "msra")}
    file.write_text(json.dumps({"sources": {"msra": msra}}))
    assert main(["data", "build", "--recipe", str(file), "--out", str(tmp_path / "out")]) == 0
    assert "warning: msra: " in capsys.readouterr().err
    assert "Short: msra: " in (tmp_path / "out" / "README.md").read_text()


def test_own_texts_that_are_few_are_parted_as_the_recipe_has_it(sources: Path, tmp_path: Path) -> None:
    """Whatever count is asked for; names of staff recur in all of them."""
    rows = [
        {"text": f"第{number}天，张三丰值班。", "label": [[5 + (number > 9), 8 + (number > 9), "姓名"]]}
        for number in range(40)
    ]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    own = {"count": 500, "path": tmp_path / "own.jsonl", "labels": {"姓名": "PERSON_NAME"}}
    built = build_dataset(recipe(sources, sources={"own": own}), tmp_path / "out")
    counts = {split: len(rows) for split, rows in built.rows.items()}
    assert counts[Split.TRAIN] >= 20 and counts[Split.VALIDATION] and counts[Split.TEST], counts
    assert any("own: " in line for line in built.shortfalls)


def test_a_source_without_a_usable_row_is_an_error(sources: Path, tmp_path: Path) -> None:
    corpus = {"count": 5, "path": sources / "openpii.jsonl", "languages": ["fr"]}
    with pytest.raises(DataError, match="ai4privacy: none of its rows can be used"):
        build_dataset(recipe(sources, sources={"ai4privacy": corpus}), tmp_path / "out")


def test_an_existing_folder_is_kept(sources: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="exists already"):
        build_dataset(recipe(sources), tmp_path)


def test_a_broken_build_leaves_nothing_and_the_next_one_completes(sources: Path, tmp_path: Path) -> None:
    left = tmp_path / ".dataset.partial"
    left.mkdir()
    (left / "train.jsonl").write_text("half a li")
    broken = recipe(sources, sources={"general": {"count": 1}, "synthetic": {"count": 20}})
    with pytest.raises(DataError, match=r"sources\.general\.path"):
        build_dataset(broken, tmp_path / "dataset")
    assert list(tmp_path.iterdir()) == []
    build_dataset(recipe(sources, sources={"synthetic": {"count": 20}}), tmp_path / "dataset")
    assert [path.name for path in tmp_path.iterdir()] == ["dataset"]


def test_a_killed_build_leaves_no_dataset_and_the_next_one_completes(tmp_path: Path) -> None:
    file, out = tmp_path / "recipe.yaml", tmp_path / "dataset"
    file.write_text("sources: {synthetic: {count: 100000}}")
    command = [sys.executable, "-c", MAIN, "data", "build", "--recipe", str(file), "--out", str(out)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while not (tmp_path / ".dataset.partial").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    assert not out.exists()
    file.write_text("sources: {synthetic: {count: 20}}")
    assert main(["data", "build", "--recipe", str(file), "--out", str(out)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"dataset", "recipe.yaml"}


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("msra", {"path": "nowhere"}, "nowhere: no such folder"),
        ("ai4privacy", {"path": "nowhere.jsonl"}, "nowhere.jsonl"),
        ("ai4privacy", {"path": "x.jsonl", "repository": "ai4privacy/pii-masking-300k"}, "accept_license=true"),
        ("general", {"path": "nowhere.jsonl"}, "nowhere.jsonl"),
    ],
)
def test_sources_that_cannot_be_read_are_named(
    tmp_path: Path, name: str, source: dict[str, Any], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text(json.dumps({"sources": {"synthetic": {"count": 3}, name: {"count": 5, **source}}}))
    assert main(["data", "build", "--recipe", str(file), "--out", str(tmp_path / "out")]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["recipe.yaml"]
