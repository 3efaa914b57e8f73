import json
from pathlib import Path

import pytest

from eval.dataset import open_dataset
from schemas.errors import PiiSftError
from schemas.spans.entity import Entity
from schemas.spans.record import to_record
from tests.eval.samples import NAME, dataset_of, example, rows


def test_a_folder_stands_for_its_test_split(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, rows(3))
    assert (dataset.texts, dataset.characters, dataset.entities) == (3, 39, 9)
    assert [row.document.id for row in dataset] == [row.document.id for row in dataset] == ["row-0", "row-1", "row-2"]
    first = open_dataset(tmp_path / "test.jsonl", 1)
    assert len(list(first)) == 1 and first.digest != dataset.digest


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("id", "row-0", "the id of line 1 occurs again"),
        ("entities", [{"type": "PERSON_NAME", "value": "张", "start": 0, "end": 99}], "differs from the text"),
        ("entities", [{"type": "NAME", "value": "张", "start": 0, "end": 1}], "no entity type"),
        (
            "entities",
            [
                {"type": "PERSON_NAME", "value": "张三", "start": 0, "end": 2},
                {"type": "PERSON_NAME", "value": "三", "start": 1, "end": 2},
            ],
            "overlapping",
        ),
    ],
)
def test_malformed_data_is_named_by_file_and_line(tmp_path: Path, field: str, value: object, told: str) -> None:
    lines = [to_record(example(0, Entity(0, 2, NAME))), {**to_record(example(1)), field: value}]
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with pytest.raises(PiiSftError, match=rf"data\.jsonl:2: .*{told}") as caught:
        open_dataset(path)
    assert "张" not in str(caught.value)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(PiiSftError, match="holds no row"):
        open_dataset(tmp_path)
