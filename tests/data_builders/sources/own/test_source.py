"""The source own: labels become types, and what cannot be used is told."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from data_builders.dataset.build import build_dataset
from data_builders.dataset.recipe import Recipe
from data_builders.sources.own.source import Own
from pii_sft.cli import main
from schemas.errors import DataError
from schemas.spans.entity import Example
from schemas.spans.record import read_records
from schemas.taxonomy import EntityType as T

TEXT = "王芳的电话是13900139000"


def write(path: Path, *labels: Any) -> Path:
    rows = ({"text": TEXT, "label": list(spans)} for spans in labels)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path: Path, report: Counter[str] | None = None, **keys: Any) -> list[Example]:
    return list(Own(enabled=False, **keys).read(path, Counter() if report is None else report))


def types(example: Example) -> list[T]:
    return [entity.type for entity in example.entities]


@pytest.mark.parametrize("label", ["PERSON_NAME", "person name", "Person-Name", "姓名", "PER", "PERSON", "nr"])
def test_labels_called_like_a_type_need_no_mapping(tmp_path: Path, label: str) -> None:
    (example,) = read(write(tmp_path / "a.jsonl", [[0, 2, label]]))
    assert types(example) == [T.PERSON_NAME]
    assert example.annotated == (T.PERSON_NAME,)


def test_the_recipe_maps_labels_and_leaves_some_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [[0, 2, "name"], [6, 17, "tel"], [3, 5, "word"]], [])
    labels = {"name": "PERSON_NAME", "tel": "PHONE_NUMBER", "word": None, "mail": "EMAIL"}
    first, second = read(path, labels=labels)
    assert types(first) == [T.PERSON_NAME, T.PHONE_NUMBER]
    assert first.annotated == second.annotated == (T.PERSON_NAME, T.PHONE_NUMBER, T.EMAIL)


def test_an_unknown_label_is_named_by_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [], [[0, 2, "vip"]])
    with pytest.raises(DataError, match=r"a\.jsonl:2: unknown label vip; .*sources\.own\.labels"):
        read(path)


def test_white_space_repeats_and_overlaps(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": " 王芳 ", "label": [[0, 4, "PER"], [1, 3, "PER"], [0, 1, "PER"]]}\n')
    write(tmp_path / "b.jsonl", [[0, 2, "PER"], [1, 3, "ORG"]])
    report = Counter[str]()
    (example,) = read(tmp_path, report)
    assert [(entity.start, entity.end) for entity in example.entities] == [(1, 3)]
    assert example.document.id == "own-a.jsonl-1"
    assert report == {"dropped: labels overlap": 1}


def test_files_of_all_tools_in_one_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep" / "a.jsonl", [[0, 2, "PER"]])
    region = {"type": "labels", "value": {"start": 0, "end": 2, "labels": ["PER"]}}
    (tmp_path / "a.json").write_text(json.dumps([{"data": {"text": "王芳"}, "annotations": [{"result": [region]}]}]))
    (tmp_path / "a.conll").write_text("王 B-PER\n芳 I-PER\n", encoding="utf-8")
    (tmp_path / "notes.pdf").touch()
    assert [example.document.id for example in read(tmp_path)] == [
        "own-a.conll-1",
        "own-a.json-1",
        "own-deep/a.jsonl-1",
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none.jsonl", "no such file or folder"),
        ("a.pdf", "unknown kind of file; it must end in .jsonl, .json"),
        (".", "the folder holds no file that ends in"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "a.pdf").touch()
    with pytest.raises(DataError, match=told):
        read(tmp_path / name)
    with pytest.raises(DataError, match="has no label; name the types"):
        read(write(tmp_path / "a.jsonl", []))


def test_a_lone_surrogate_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "王\\ud800", "label": [[0, 1, "PER"]]}')
    with pytest.raises(DataError, match=r"a\.jsonl:1: text has a lone surrogate"):
        read(tmp_path / "a.jsonl")


def test_own_texts_are_built_into_a_dataset(tmp_path: Path) -> None:
    rows = [{"text": f"第{number}次来的是{chr(0x4E00 + 977 * number)}芳", "label": []} for number in range(20)]
    for number, row in enumerate(rows):
        row["label"] = [[len(str(row["text"])) - 2, len(str(row["text"])), "客户"]] if number else []
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    own = {"path": tmp_path / "a.jsonl", "count": 20, "labels": {"客户": "PERSON_NAME"}}
    built = build_dataset(
        Recipe.model_validate({"similarity": 1.0, "test": 0.1, "sources": {"own": own}}), tmp_path / "out"
    )
    assert sum(map(len, built.rows.values())) == 20
    assert main(["data", "check", "--similarity", "1", str(tmp_path / "out")]) == 0


def test_own_texts_are_converted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = write(tmp_path / "a.jsonl", [[0, 2, "客户"]]), tmp_path / "out.jsonl"
    command = ["data", "own", str(path), str(out)]
    assert main(command) == 2
    assert f"{path}:1: unknown label 客户" in capsys.readouterr().err
    assert main([*command, "labels.客户=PERSON_NAME"]) == 0
    assert [types(example) for example in read_records(out)] == [[T.PERSON_NAME]]
    assert main([*command, "labels.客户=NAME"]) == 2
    assert "own: labels.客户: " in capsys.readouterr().err
    content = path.read_bytes()
    for source in (path, tmp_path):
        assert main(["data", "own", str(source), str(path), "labels.客户=PERSON_NAME"]) == 2
        assert "is what is converted, or inside of it; choose another file" in capsys.readouterr().err
    assert path.read_bytes() == content
