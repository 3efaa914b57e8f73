"""Values are read behind the names of their fields and columns."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from serving.redaction import RedactionSession
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.files import redacting
from serving.redaction.documents.text_redactor import TextRedactor
from serving.redaction.named_values import find_named


class Behind:
    """Finds what stands behind `name: `, and the name with it where it is `whole`."""

    def __init__(self, *, whole: bool = False) -> None:
        self.asked: list[str] = []
        self._pattern = re.compile("name: .+" if whole else "(?<=name: ).+")

    def __call__(self, texts: Sequence[str]) -> list[Prediction]:
        self.asked += texts
        return [
            Prediction(text, tuple(Detection(Entity(*match.span(), T.PERSON_NAME), 0.9, "model") for match in matches))
            for text in texts
            for matches in [self._pattern.finditer(text)]
        ]


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("name", "高兴", "name: 高兴"),
        ("user.name", "高兴", "name: 高兴"),
        ("users[*].name[*]", "高兴", "name: 高兴"),
        ("", "高兴", "高兴"),
        ("text", "高兴", "高兴"),
        ("n" * 41, "高兴", "高兴"),
        ("name", "高" * 101, "高" * 101),
        ("name", "高\n兴", "高\n兴"),
        ("phone", "1.38e10", "phone: 13800000000"),
    ],
)
def test_a_short_value_is_read_behind_the_last_step_of_a_short_name(name: str, value: str, read: str) -> None:
    find = Behind()
    (found,) = find_named(find, [value], [name])
    assert find.asked == [read]
    assert found.text == value
    assert [found.value(entity) for entity in found.entities] == ([value] if read.startswith("name: ") else [])


def test_of_an_entity_that_takes_in_the_name_the_value_alone_counts() -> None:
    (found,) = find_named(Behind(whole=True), ["高兴"], ["name"])
    assert found.entities == (Entity(0, 2, T.PERSON_NAME),)


@pytest.mark.parametrize(
    ("file", "content", "redacted"),
    [
        ("a.csv", "id,name,text\n1,高兴,高兴\n", "id,name,text\n1,[PERSON_NAME],高兴\n"),
        (
            "a.jsonl",
            '{"id": 1, "name": "高兴", "text": "高兴"}\n',
            '{"id": 1, "name": "[PERSON_NAME]", "text": "高兴"}\n',
        ),
    ],
)
def test_cells_are_read_behind_the_names_of_their_columns(
    tmp_path: Path, file: str, content: str, redacted: str
) -> None:
    (tmp_path / file).write_text(content)
    redactor = TextRedactor(Behind(), RedactionSession("label"))
    with redacting(tmp_path / file, tmp_path / "out", Columns(["name", "text"]), redactor):
        pass
    assert (tmp_path / "out").read_text() == redacted


def test_cells_of_parquet_are_read_so_too(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table({"name": ["高兴", None], "text": ["高兴", "x"]}), tmp_path / "a.parquet")
    find = Behind()
    redactor = TextRedactor(find, RedactionSession("label"))
    with redacting(tmp_path / "a.parquet", tmp_path / "out.parquet", Columns(["name", "text"]), redactor):
        pass
    assert parquet.read_table(tmp_path / "out.parquet").to_pydict() == {
        "name": ["[PERSON_NAME]", None],
        "text": ["高兴", "x"],
    }
