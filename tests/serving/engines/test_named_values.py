"""Values are read behind the names of their fields and columns."""

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import re2

from schemas.engine import Detect
from schemas.per_type import PerType
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.custom_rules import CustomRules, compile_patterns
from serving.engines.detection_options import DetectionOptions
from serving.engines.rules.engine import RulesEngine
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


def test_equal_values_are_read_once() -> None:
    detect = Behind()
    found = behind_names(detect)(["高兴", "方便", "高兴", "方便"], ["name", "note", "name", "mark"])
    assert detect.asked == ["name: 高兴", "note: 方便", "mark: 方便", "方便"]
    assert [one.text for one in found] == ["高兴", "方便", "高兴", "方便"]
    assert [len(one.detections) for one in found] == [1, 0, 1, 0]


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


UUID = "550e8400-e29b-41d4-a716-446655440000"
QQ, PLATE, PHONE, CARD = "QQ 12345678", "京A12345", "13800138000", "11010519491231002X"


def phone(text: str, value: str = PHONE) -> Mark:
    return text, value, T.PHONE_NUMBER, 1.0


CUT = "message", f"打{PHONE}吧", [phone(f"message: 打{PHONE}吧", "打1380"), phone(f"打{PHONE}吧")]


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
        (
            "message",
            "打13800138000吧",
            [phone("message: 打13800138000吧", "打1380"), phone("打13800138000吧")],
            ["打1380", "0138000"],
        ),
        *(
            (thing, value, [phone(value)], [])
            for thing in ("订单号", "order", "order.tradeNo", "订单ID", "运单编号 ", "order.1")
            for value in (PHONE, f" {PHONE}", f"#{PHONE}")
        ),
        *((name, PHONE, [phone(PHONE)], [PHONE]) for name in ("order_phone", "recorder", "简单号", "note")),
        ("订单号", f"{PHONE} 张三", [phone(f"{PHONE} 张三")], [PHONE]),
        ("订单", "张三", [("张三", "张三", T.PERSON_NAME, 1.0)], ["张三"]),
        ("订单", "a@b.cn", [("a@b.cn", "a@b.cn", T.EMAIL, 1.0)], ["a@b.cn"]),
        *(
            ("运单号", secret, [(secret, secret, T.SECRET_KEY, 1.0)], [secret])
            for secret in ("sk-proj-abcdefghij", "zhangsan1987", "QQ 123456789")
        ),
        *(
            ("order", value, [phone(value), (value, "13900139000", T.PHONE_NUMBER, 1.0)], [PHONE, "13900139000"])
            for value in (f"{PHONE};13900139000", f"{PHONE} 13900139000", f"{PHONE}/13900139000")
        ),
        ("request_id", UUID, [(UUID, UUID[-12:], T.BANK_ACCOUNT_NUMBER, 0.9)], []),
    ],
)
def test_what_is_sure_in_the_value_alone_stays(
    name: str, value: str, marks: Sequence[Mark], found: Sequence[str]
) -> None:
    (prediction,) = behind_names(marking(*marks))([value], [name])
    assert [prediction.value(one) for one in prediction.detections] == found


def test_a_number_that_is_proven_stands_in_a_field_of_things() -> None:
    (prediction,) = behind_names(RulesEngine().detect)([CARD], ["order"])
    assert [prediction.value(one) for one in prediction.detections] == [CARD]


@pytest.mark.parametrize(
    ("value", "marks", "options", "found"),
    [
        (
            f"收件人张三{PHONE}号",
            [phone(f"m: 收件人张三{PHONE}号"), (f"收件人张三{PHONE}号", f"张三{PHONE}号", T.PERSON_NAME, 0.85)],
            DetectionOptions(min_score=PerType.of({"PERSON_NAME": 0.9}, 0.0)),
            [PHONE],
        ),
        (
            QQ,
            [(f"m: {QQ}", QQ, T.EMPLOYEE_ID, 0.3), (QQ, "12345678", T.QQ_NUMBER, 0.99)],
            DetectionOptions(min_score=0.5),
            ["12345678"],
        ),
        (
            QQ,
            [(f"m: {QQ}", QQ, T.EMPLOYEE_ID, 0.7), (QQ, "12345678", T.QQ_NUMBER, 0.99)],
            DetectionOptions(operating_point="precision"),
            ["12345678"],
        ),
    ],
)
def test_what_scores_too_low_stands_in_the_way_of_nothing(
    value: str, marks: Sequence[Mark], options: DetectionOptions, found: Sequence[str]
) -> None:
    (prediction,) = options.search(marking(*marks), [value], ["m"])
    assert [prediction.value(one) for one in prediction.detections] == found


def test_many_values_behind_a_long_path_take_linear_time() -> None:
    name = "1." * 200_000
    started = time.process_time()
    behind_names(marking())(["x"] * 2_000, [name] * 2_000)
    assert time.process_time() - started < 5  # splitting the path for each value takes minutes


@pytest.mark.parametrize(
    ("name", "value", "rules", "found"),
    [
        ("姓名", "张三丰", {"deny": {"张三丰": T.USERNAME}, "patterns": ["姓名.{0,3}"]}, ["张三丰"]),
        ("code", "1234567", {"patterns": [".{4}"]}, ["1234"]),
        ("code", "A-7", {"patterns": ["^A-[0-9]"]}, ["A-7"]),
        ("备注", "123", {"allow": ["123"], "patterns": [r"备注: \d+"]}, []),
        ("n", "1000.0", {"deny": {"1000.0": T.USERNAME}}, ["1000.0"]),
        *(
            ("n", value, {"deny": {"1000": T.USERNAME}, **allowed}, [value])
            for value in ("1000", "1000.0", "1e3")
            for allowed in ({}, {"allow": ["1e3", "1000.0"]}, {"allow_patterns": [re2.compile("^1")]})
        ),
        ("", "12.00", {"patterns": [r"\d+\.00"]}, ["12.00"]),
        ("n", "13.0", {"patterns": [r"\.0"]}, ["13.0"]),
        ("text", "1.2e4", {"patterns": ["12000"], "allow": ["12000"]}, []),
    ],
)
def test_rules_of_the_caller_see_the_value_alone_as_it_is_written(
    name: str, value: str, rules: dict[str, Any], found: Sequence[str]
) -> None:
    patterns = compile_patterns((T.USERNAME, pattern) for pattern in rules.get("patterns", ()))
    allow, deny = rules.get("allow", ()), rules.get("deny", {})
    options = DetectionOptions(custom_rules=CustomRules.of(allow, deny, patterns, rules.get("allow_patterns", ())))
    (prediction,) = options.search(marking(), [value], [name])
    assert [prediction.value(one) for one in prediction.detections] == found


@pytest.mark.parametrize("value", ["13800138000", "13800138000.0", "1.3800138e10"])
def test_what_is_allowed_is_a_number_in_all_its_forms(value: str) -> None:
    for pattern, found in (("^138", []), (r"\d\.\d", [value])):
        options = DetectionOptions(custom_rules=CustomRules.of((), {}, (), [re2.compile(pattern)]))
        (prediction,) = options.search(RulesEngine().detect, [value], ["phone"])
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
