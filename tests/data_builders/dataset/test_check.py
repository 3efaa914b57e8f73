"""What `data check` says of a dataset, and what it would have to say of ours."""

import json
from pathlib import Path
from typing import Any

import pytest

from data_builders.dataset.built import Built
from data_builders.dataset.check import check_dataset
from pii_sft.cli import main
from tests.data_builders.dataset.sources import lines

IDENTIFYING = {
    "PERSON_NAME",
    "PHONE_NUMBER",
    "EMAIL",
    "ID_CARD_NUMBER",
    "BANK_CARD_NUMBER",
    "ADDRESS",
    "PASSPORT_NUMBER",
}


def test_our_datasets_have_no_fault(dataset: tuple[Path, Built], capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = dataset
    assert main(["data", "check", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: no faults\n"


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
        (5, "record: missing instruction"),
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
    assert not any(str(tmp_path / "test.jsonl") in sentence for sentence in faults)


def test_check_needs_a_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "check", str(tmp_path)]) == 2
    assert "holds none of test.jsonl, validation.jsonl, train.jsonl" in capsys.readouterr().err


def test_faults_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "train.jsonl").write_text("{}\n")
    assert main(["data", "check", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    missing = "id, text, source, family, types, slices, entities"
    assert shown.out == f"{tmp_path / 'train.jsonl'}:1: record: missing {missing}\n"
    assert f"{tmp_path}: faults found: 1" in shown.err


ROW = {
    "id": "1",
    "text": "找王小明，打13800138000",
    "source": "mine",
    "family": "chat",
    "types": ["PERSON_NAME", "PHONE_NUMBER"],
    "slices": {},
    "entities": [
        {"type": "PERSON_NAME", "value": "王小明", "start": 1, "end": 4},
        {"type": "PHONE_NUMBER", "value": "13800138000", "start": 6, "end": 17},
    ],
}


def test_a_single_file_of_rows_without_an_alpaca_form_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(ROW) + "\n", encoding="utf-8-sig")
    assert main(["data", "check", str(path)]) == 0
    path.write_text(json.dumps(ROW | {"types": [], "entities": []}) + "\n" + json.dumps(ROW | {"text": "<br>"}) + "\n")
    assert main(["data", "check", str(path)]) == 2
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"{path}:1: types: none, so that nothing can be learnt from the row",
        f"{path}:2: entities[0].value: differs from the text at [1, 4)",
        f"{path}:2: entities[1]: [6, 17) is outside the text, which has 4 characters",
    ]
    assert main(["data", "check", str(tmp_path / "none")]) == 2
    assert "none: No such file or directory" in capsys.readouterr().err


def test_faults_of_the_schema_hide_no_fault_of_a_span(tmp_path: Path) -> None:
    first, second = ROW["entities"]
    row = {key: value for key, value in ROW.items() if key != "family"} | {
        "id": 7,
        "entities": [first | {"end": 5}, second | {"start": "6"}, second],  # type: ignore[operator]
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n")
    faults = [sentence.partition(":1: ")[2] for sentence in check_dataset(tmp_path / "a.jsonl", 2048, 0.9)]
    assert faults == [
        "record: missing family",
        "entities[1].start: not an integer",
        "id: not a string",
        "entities[0].value: differs from the text at [1, 5)",
    ]


def test_an_empty_split_is_a_fault_unless_the_manifest_has_it_so(tmp_path: Path) -> None:
    empty = tmp_path / "test.jsonl"
    empty.touch()
    assert list(check_dataset(tmp_path, 2048, 0.9)) == [f"{empty}: holds no row"]
    (tmp_path / "manifest.json").write_text('{"rows": {"test": 0}, "sha256": {}}')
    assert list(check_dataset(tmp_path, 2048, 0.9)) == []
