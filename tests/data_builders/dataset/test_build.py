"""Whole builds from small sources: what is written, how it ends, and what `data check` says."""

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
from data_builders.dataset.check import check_dataset
from data_builders.dataset.recipe import Recipe
from data_builders.synth.sampling import Split
from pii_sft.cli import main
from schemas.alpaca import to_row
from schemas.errors import DataError
from schemas.record import read_records
from tests.data_builders.openpii import write_openpii

MAIN = "import sys; from pii_sft.cli import main; sys.exit(main(sys.argv[1:]))"
IDENTIFYING = {
    "PERSON_NAME",
    "PHONE_NUMBER",
    "EMAIL",
    "ID_CARD_NUMBER",
    "BANK_CARD_NUMBER",
    "ADDRESS",
    "PASSPORT_NUMBER",
}
SURNAMES, PLACES = "赵钱孙李周吴郑王冯陈褚卫", ["江陵", "洛浦", "云台", "青浦", "白沙"]
VERBS = ["昨天到了", "今年离开", "一直住在", "从来没有去过", "终于回到", "打算搬去", "写信寄往", "在电话里谈起"]
ENDINGS = ["，大家都很高兴", "，谁也没有想到", "，这件事后来传开了", "，报上登了消息", "，路上走了三天", "，雨下得很大"]


def write_msra(folder: Path) -> Path:
    """A folder with train and test in MSRA's form: 240 sentences, each with a person and a place."""
    folder.mkdir()
    parts = [(s, p, v, e) for s in SURNAMES for p in PLACES for v in VERBS for e in ENDINGS]
    for name, chosen in (("train", parts[::13]), ("test", parts[5::97])):
        sentences = []
        for surname, place, verb, ending in chosen:
            rows = [(surname, "B-PER"), ("某", "O"), *((char, "O") for char in verb)]
            rows += [(place[0], "B-LOC"), (place[1], "I-LOC"), *((char, "O") for char in ending)]
            sentences.append("".join(f"{char}\t{tag}\n" for char, tag in rows))
        (folder / f"{name}.bio").write_text("\n".join(sentences), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    write_msra(folder / "msra")
    write_openpii(folder / "openpii.jsonl", 800, 1)
    turns = [{"id": f"talk-{number // 4}-{number % 4}", "text": f"第{number}句"} for number in range(40)]
    (folder / "turns.jsonl").write_text("".join(json.dumps(turn) + "\n" for turn in turns))
    return folder


def recipe(folder: Path, **changes: Any) -> Recipe:
    fields = {
        "seed": 3,
        "validation": 0.1,
        "test": 0.1,
        "sources": {
            "msra": {"count": 100, "path": folder / "msra"},
            "ai4privacy": {"count": 100, "path": folder / "openpii.jsonl"},
            "synthetic": {"count": 150},
            "general": {"count": 12, "path": folder / "turns.jsonl"},
        },
    }
    return Recipe.model_validate(fields | changes)


@pytest.fixture(scope="module")
def dataset(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Built]:
    out = tmp_path_factory.mktemp("out") / "dataset"
    return out, build_dataset(recipe(sources), out)


def files(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


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
    """https://llamafactory.readthedocs.io: file_name, and columns that map prompt, query and response."""
    out, _ = dataset
    index = json.loads((out / "dataset_info.json").read_text())
    assert set(index) == {f"pii_sft_{name}" for name in ("train", "validation", "test", "general")}
    for entry in index.values():
        assert entry["columns"] == {"prompt": "instruction", "query": "input", "response": "output"}
        for row in lines(out / entry["file_name"]):
            assert all(isinstance(row[column], str) for column in entry["columns"].values())
            assert row["instruction"]
            assert row["output"]


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


def test_our_datasets_have_no_fault(dataset: tuple[Path, Built], capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = dataset
    assert main(["data", "check", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: no fault\n"


def test_train_and_test_share_nothing_by_a_plain_count(dataset: tuple[Path, Built]) -> None:
    """The same promise as `data check`, without its index: every pair, every value, every template."""
    out, _ = dataset
    files = (lines(out / f"{name}.jsonl") for name in ("train", "test"))
    train, test = ([row for row in file if row["source"] != "msra"] for file in files)
    for look in (personal_values, template_names):
        sides = [set().union(*map(look, rows)) for rows in (train, test)]
        assert all(sides)
        assert not sides[0] & sides[1]
    for left in map(shingles, train):
        for right in map(shingles, test):
            assert len(left & right) < 0.9 * max(1, len(left | right))


def personal_values(row: dict[str, Any]) -> set[str]:
    return {x["value"] for x in row["entities"] if x["type"] in IDENTIFYING and len(x["value"]) > 2}


def template_names(row: dict[str, Any]) -> set[str]:
    return set(row["slices"]["template"].split("+")) - {""}


def shingles(row: dict[str, Any]) -> set[str]:
    return {row["text"][start : start + 5] for start in range(len(row["text"]) - 4)}


def test_too_small_a_source_is_told(sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "recipe.yaml"
    msra = {"count": 1000, "path": str(sources / "msra")}
    file.write_text(json.dumps({"sources": {"msra": msra}}))
    assert main(["data", "build", "--recipe", str(file), "--out", str(tmp_path / "out")]) == 0
    assert "warning: msra: " in capsys.readouterr().err
    assert "Short: msra: " in (tmp_path / "out" / "README.md").read_text()


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


def test_check_names_file_and_line_of_every_fault(dataset: tuple[Path, Built], tmp_path: Path) -> None:
    out, _ = dataset
    test, train = lines(out / "test.jsonl"), lines(out / "train.jsonl")
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in test))
    broken = [
        test[0] | {"id": "new"},
        test[1],
        train[0] | {"output": "{}"},
        train[1] | {"entities": [{"type": "EMAIL", "value": "不在文中", "start": 0, "end": 4}]},
        {key: value for key, value in train[2].items() if key != "instruction"},
    ]
    content = "".join(json.dumps(row) + "\n" for row in broken).encode()
    (tmp_path / "train.jsonl").write_bytes(content + b"\xff\n[1]\n{")
    faults = list(check_dataset(tmp_path, 2048, 0.9))
    expected = [
        (1, "duplicate"),
        (2, "repeated id"),
        (2, "duplicate"),
        (3, "output differs"),
        (4, "entities[0]."),
        (5, "instruction: "),
        (6, "not UTF-8"),
        (7, "record: not an object"),
        (8, "not valid JSON"),
    ]
    places = [sentence.split(": ")[0] for sentence in faults]
    assert set(places) == {f"{tmp_path / 'train.jsonl'}:{line}" for line, _ in expected}
    for line, reason in expected:
        assert any(sentence.startswith(f"{tmp_path / 'train.jsonl'}:{line}: {reason}") for sentence in faults), reason


def test_check_notices_changed_files(dataset: tuple[Path, Built], tmp_path: Path) -> None:
    out, _ = dataset
    for name in ("test.jsonl", "manifest.json"):
        (tmp_path / name).write_bytes((out / name).read_bytes())
    (tmp_path / "README.md").write_text("changed")
    faults = list(check_dataset(tmp_path, 2048, 0.9))
    assert f"{tmp_path / 'README.md'}: missing or changed since it was built" in faults
    assert f"{tmp_path / 'train.jsonl'}: missing or changed since it was built" in faults
    assert not any("test.jsonl" in sentence for sentence in faults)


def test_check_needs_a_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "check", str(tmp_path)]) == 2
    assert "holds none of test.jsonl, validation.jsonl, train.jsonl" in capsys.readouterr().err


def test_faults_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "train.jsonl").write_text("{}\n")
    assert main(["data", "check", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == f"{tmp_path / 'train.jsonl'}:1: instruction: not a string\n"
    assert f"{tmp_path}: 1 faults" in shown.err
