"""Values are read behind the names of their fields and columns."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.custom_rules import CustomRules, compile_patterns
from serving.engines.detection_options import DetectionOptions
from serving.engines.named_values import Detect
from serving.redaction import RedactionSession
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.files import redacting
from serving.redaction.documents.text_redactor import TextRedactor
from tests.finding import behind_names


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
        ("name.1", "高兴", "name: 高兴"),
        ("name.", "高兴", "name: 高兴"),
        ("", "高兴", "高兴"),
        ("1", "高兴", "高兴"),
        ("text", "高兴", "高兴"),
        ("n" * 41, "高兴", "高兴"),
        ("na\ud800me", "高兴", "高兴"),
        ("name", "高" * 101, "高" * 101),
        ("name", "高\n兴", "高\n兴"),
        ("phone", "1.38e10", "phone: 13800000000"),
    ],
)
def test_a_short_value_is_read_behind_the_last_step_of_a_short_name(name: str, value: str, read: str) -> None:
    detect = Behind()
    (found,) = behind_names(detect)([value], [name])
    assert detect.asked[0] == read
    assert found.text == value
    assert [found.value(entity) for entity in found.entities] == ([value] if read.startswith("name: ") else [])


def test_of_an_entity_that_takes_in_the_name_the_value_alone_counts() -> None:
    (found,) = behind_names(Behind(whole=True))(["高兴"], ["name"])
    assert found.entities == (Entity(0, 2, T.PERSON_NAME),)


def test_a_value_of_which_nothing_is_left_is_not_read_alone() -> None:
    detect = Behind()
    behind_names(detect)(["高兴", "方便"], ["name", "note"])
    assert detect.asked == ["name: 高兴", "note: 方便", "方便"]


Mark = tuple[str, str, T, float]
"""A text, and a value in it with its type and score."""


def marking(*marks: Mark) -> Detect:
    """Finds `marks` alone."""

    def found(text: str) -> Iterator[Detection]:
        for whole, value, kind, score in marks:
            if whole == text:
                start = text.index(value)
                yield Detection(Entity(start, start + len(value), kind), score, "model")

    return lambda texts: [Prediction(text, tuple(found(text))) for text in texts]


QQ, PLATE = "QQ 12345678", "京A12345"


@pytest.mark.parametrize(
    ("name", "value", "marks", "found"),
    [
        ("message", QQ, [(QQ, "12345678", T.QQ_NUMBER, 0.8)], ["12345678"]),
        ("message", QQ, [(QQ, "12345678", T.QQ_NUMBER, 0.79)], []),
        (
            "工号",
            PLATE,
            [(f"工号: {PLATE}", "A12345", T.EMPLOYEE_ID, 0.9), (PLATE, PLATE, T.LICENSE_PLATE, 0.9)],
            [PLATE],
        ),
        (
            "姓名",
            "张三，李四",
            [("姓名: 张三，李四", "张三", T.PERSON_NAME, 0.5), ("张三，李四", "李四", T.PERSON_NAME, 0.9)],
            ["张三", "李四"],
        ),
        *(
            (thing, "13800138000", [("13800138000", "13800138000", T.PHONE_NUMBER, 1.0)], [])
            for thing in ("订单号", "order", "order.tradeNo", "运单编号")
        ),
        ("order_phone", "13800138000", [("13800138000", "13800138000", T.PHONE_NUMBER, 1.0)], ["13800138000"]),
        ("订单号", "打13800138000", [("打13800138000", "13800138000", T.PHONE_NUMBER, 1.0)], ["13800138000"]),
        ("订单", "张三", [("张三", "张三", T.PERSON_NAME, 1.0)], ["张三"]),
        (
            "request_id",
            "550e8400-e29b-41d4-a716-446655440000",
            [("550e8400-e29b-41d4-a716-446655440000", "446655440000", T.BANK_ACCOUNT_NUMBER, 0.9)],
            [],
        ),
    ],
)
def test_what_is_sure_in_the_value_alone_stays(
    name: str, value: str, marks: Sequence[Mark], found: Sequence[str]
) -> None:
    (prediction,) = behind_names(marking(*marks))([value], [name])
    assert [prediction.value(one) for one in prediction.detections] == found


@pytest.mark.parametrize(
    ("name", "value", "rules", "found"),
    [
        ("姓名", "张三丰", {"deny": {"张三丰": T.USERNAME}, "patterns": ["姓名.{0,3}"]}, ["张三丰"]),
        ("code", "1234567", {"patterns": [".{4}"]}, ["1234"]),
        ("code", "A-7", {"patterns": ["^A-[0-9]"]}, ["A-7"]),
        ("备注", "123", {"allow": ["123"], "patterns": [r"备注: \d+"]}, []),
        ("n", "1000.0", {"deny": {"1000.0": T.USERNAME}}, ["1000.0"]),
        ("n", "1000.0", {"deny": {"1000": T.USERNAME}}, ["1000.0"]),
        ("n", "1e3", {"deny": {"1000": T.USERNAME}}, ["1e3"]),
        ("", "12.00", {"patterns": [r"\d+\.00"]}, ["12.00"]),
        ("text", "1.2e4", {"patterns": ["12000"], "allow": ["1.2e4"]}, []),
    ],
)
def test_rules_of_the_caller_see_the_value_alone_as_it_is_written(
    name: str, value: str, rules: dict[str, Any], found: Sequence[str]
) -> None:
    patterns = compile_patterns((T.USERNAME, pattern) for pattern in rules.get("patterns", ()))
    custom_rules = CustomRules.of(rules.get("allow", ()), rules.get("deny", {}), patterns)
    (prediction,) = DetectionOptions(custom_rules=custom_rules).search(marking(), [value], [name])
    assert [prediction.value(one) for one in prediction.detections] == found


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
    redactor = TextRedactor(behind_names(Behind()), RedactionSession("label"))
    with redacting(tmp_path / file, tmp_path / "out", Columns(["name", "text"]), redactor):
        pass
    assert (tmp_path / "out").read_text() == redacted


def test_cells_of_parquet_are_read_so_too(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table({"name": ["高兴", None], "text": ["高兴", "x"]}), tmp_path / "a.parquet")
    redactor = TextRedactor(behind_names(Behind()), RedactionSession("label"))
    with redacting(tmp_path / "a.parquet", tmp_path / "out.parquet", Columns(["name", "text"]), redactor):
        pass
    assert parquet.read_table(tmp_path / "out.parquet").to_pydict() == {
        "name": ["[PERSON_NAME]", None],
        "text": ["高兴", "x"],
    }
