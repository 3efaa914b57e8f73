"""The readers of annotation tools' exports."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from data_builders.sources.own.conll import read_conll
from data_builders.sources.own.doccano import read_doccano
from data_builders.sources.own.label_studio import read_label_studio
from data_builders.sources.own.labelled import LabelledText
from schemas.errors import DataError


def values(item: LabelledText) -> list[tuple[str, str]]:
    return [(label, item.text[start:end]) for start, end, label in item.spans]


def write_rows(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8-sig")
    return path


def task(*regions: Any, text: str = "我叫张三", **annotation: Any) -> dict[str, Any]:
    result = [region if "value" in region else {"type": "labels", "value": region} for region in regions]
    return {"id": 7, "data": {"text": text}, "annotations": [{"was_cancelled": False, "result": result} | annotation]}


NAME = {"start": 2, "end": 4, "text": "张三", "labels": ["PER"]}


def test_doccano_of_all_versions(tmp_path: Path) -> None:
    text, span = "我叫张三", {"id": 1, "label": "PER", "start_offset": 2, "end_offset": 4}
    path = write_rows(
        tmp_path / "all.jsonl",
        {"id": 1, "text": text, "label": [[2, 4, "PER"]], "Comments": []},
        {"id": 2, "text": text, "labels": [[2, 4, "PER"]]},
        {"id": 3, "text": text, "entities": [span], "relations": []},
        {"id": 4, "text": text, "label": []},
    )
    items = list(read_doccano(path, "text", Counter()))
    assert [values(item) for item in items] == [[("PER", "张三")]] * 3 + [[]]
    assert items[3].place == f"{path}:4"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"data": "我叫张三", "label": []}, "has no text in the field text"),
        ({"text": "我叫张三"}, "has no list label, labels or entities"),
        ({"text": "我叫张三", "label": ["PER"]}, r"a label is not \[start, end, name\]"),
        ({"text": "我叫张三", "label": [["2", 4, "PER"]]}, "a label has no start, end or name"),
        ({"text": "我叫张三", "label": [[2, 5, "PER"]]}, r"PER at \[2, 5\) is empty or outside the text, which has 4"),
        ({"text": "我叫张三", "entities": [{"label": 1, "start_offset": 2, "end_offset": 4}]}, "a label has no start"),
    ],
)
def test_rows_of_doccano_that_cannot_be_read_are_named(tmp_path: Path, row: Any, told: str) -> None:
    path = write_rows(tmp_path / "all.jsonl", {"text": "", "label": []}, row)
    with pytest.raises(DataError, match=f"all.jsonl:2: {told}") as caught:
        list(read_doccano(path, "text", Counter()))
    assert "张三" not in str(caught.value)


def test_label_studio_in_both_forms(tmp_path: Path) -> None:
    path, report = tmp_path / "export.json", Counter[str]()
    least = {"id": 3, "text": "我叫张三", "label": [NAME], "annotator": 1}
    emoji = {"start": 4, "end": 6, "text": "张三", "labels": ["PER"]}  # UTF-16 code units
    tasks = [
        task(NAME, {"type": "choices", "value": {}}),
        task(),
        task(NAME, was_cancelled=True),
        task() | {"annotations": [{"result": []}, {"result": [{"type": "labels", "value": NAME}]}]},
        task()
        | {"annotations": [{"result": []}, {"ground_truth": True, "result": [{"type": "labels", "value": NAME}]}]},
        least,
        task(emoji, text="😀我叫张三"),
        task({"start": 2, "end": 4, "labels": ["PER"]}),
        task() | {"annotations": 7},
    ]
    path.write_text(json.dumps(tasks, indent=1, ensure_ascii=False), encoding="utf-8-sig")
    items = list(read_label_studio(path, "text", report))
    assert [values(item) for item in items] == [[("PER", "张三")], [], *[[("PER", "张三")]] * 4]
    assert report == {
        "left out of annotations: choices": 1,
        "dropped: not annotated": 2,
        "dropped: annotated in different ways": 1,
    }
    path.write_text("[ ]")
    assert list(read_label_studio(path, "text", Counter())) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff", "byte 0 is not UTF-8"),
        (b'{"id": 1}', "not a list of tasks"),
        (b'[{"id": 1,\n', r"export\.json:1: task 1: not valid JSON"),
        (b"[\n7]", r"export\.json:2: task 1: not an object"),
        ([task(), {"id": 1, "data": {"content": "x"}}], "task 2: has no text in the field text"),
        ([task(NAME | {"text": "李四"})], r"task 1: PER at \[2, 4\) is not what the text has there"),
        ([task(NAME | {"text": "李四"}, text="\ud83d我叫张三")], r"task 1: PER at \[2, 4\) is not what the text has"),
        ([task(NAME | {"start": "x"})], "task 1: a label has no start"),
        ([task({"type": "hypertextlabels", "value": NAME})], "labels of the kind hypertextlabels cannot be read"),
        ([task({"type": "labels", "value": {"labels": "PER"}})], "labels of the kind labels cannot be read"),
    ],
)
def test_exports_of_label_studio_that_cannot_be_read_are_named(tmp_path: Path, content: Any, told: str) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(DataError, match=told) as caught:
        list(read_label_studio(path, "text", Counter()))
    assert "export.json" in str(caught.value) and "张三" not in str(caught.value)


def test_conll_of_words_and_of_characters(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(
        "-DOCSTART- -X- O O\n\n# sentence 1\nJohn NNP B-NP B-PER\nSmith NNP I-NP I-PER\n's POS O O\nmail VB O O\n"
        "( ( O O\n王芳 NR O U-PER\n# SYM O O\n) ) O O\n\n\n我\tO\n叫\tO\n张\tB-PER\n三\tL-PER\n1\tO\n2\tO\nA\tO\n",
        encoding="utf-8",
    )
    words, characters = read_conll(path, "text", Counter())
    assert words.text == "John Smith's mail (王芳#)"
    assert values(words) == [("PER", "John Smith"), ("PER", "王芳")]
    assert (characters.text, characters.place) == ("我叫张三12A", f"{path}:14")
    assert values(characters) == [("PER", "张三")]


def test_spaces_of_conll_are_tokens(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("张\tB-PER\n三\tI-PER\n \tO\n来\tO\n\u3000 O\n了\tO\n", encoding="utf-8")
    (item,) = read_conll(path, "text", Counter())
    assert (item.text, values(item)) == ("张三 来\u3000了", [("PER", "张三")])


@pytest.mark.parametrize("line", ["张三", "张三 PER", "\tO", "张三 X-PER", "张三 B-"])
def test_lines_of_conll_that_cannot_be_read_are_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.conll"
    path.write_text(f"我 O\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.conll:2: expected a token first and a tag last") as caught:
        list(read_conll(path, "text", Counter()))
    assert "张三" not in str(caught.value)
