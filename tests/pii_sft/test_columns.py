import pickle
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_sft import Detector
from schemas.errors import DataError, InvalidTextError, ModelError, UnknownTypeError
from serving.engines.custom_rules import CustomRulesError
from serving.scan.settings import SCAN_OPERATORS, ScanOperator

pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow")
from pii_sft.columns import ColumnDetector, entities_type, row_redaction  # noqa: E402

TEXT = "电话13800138000，邮箱zhang@example.com"
KEY = "A" * 43 + "="
texts = st.lists(st.none() | st.text(max_size=20) | st.sampled_from([TEXT, "工号88，a@example.com"]), max_size=12)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PII_SFT_KEY", KEY)


@given(texts, st.booleans(), st.sampled_from([pyarrow.string(), pyarrow.large_string(), pyarrow.string_view()]))
def test_each_text_gets_what_the_detector_finds(column: list[str | None], values: bool, kind: Any) -> None:
    found = ColumnDetector("rules").detect(pyarrow.array(column, kind), values=values)
    assert found.type == entities_type(values)
    names = [field.name for field in found.type.value_type]
    detector = Detector.load("rules")
    assert found.to_pylist() == [
        text
        if text is None
        else [{name: row[name] for name in names} for row in detector.detect(text).to_dict()["entities"]]
        for text in column
    ]


@given(texts)
def test_chunks_make_no_difference(column: list[str | None]) -> None:
    columns = ColumnDetector("rules")
    chunks = pyarrow.chunked_array([column[:2], column[2:]], pyarrow.string())
    assert columns.detect(chunks) == columns.detect(pyarrow.array(column, pyarrow.string()))


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("operator", SCAN_OPERATORS)
def test_texts_are_redacted_as_rows_of_a_scan(operator: ScanOperator) -> None:
    columns, redaction = ColumnDetector("rules"), row_redaction(operator)
    redacted = columns.redact(pyarrow.array([TEXT, None, "今天", "", TEXT]), redaction).to_pylist()
    assert redacted == [redaction([Detector.load("rules").detect(TEXT)])[0], None, "今天", "", redacted[0]]
    assert "13800138000" not in redacted[0] and "zhang@" not in redacted[0]


def test_short_texts_are_read_behind_the_name_of_their_column() -> None:
    column = pyarrow.array(["何必", None, "于是"])
    alone, named = (ColumnDetector("tagger", column=name).detect(column, values=True) for name in ("", "客户姓名"))
    assert alone.to_pylist()[1:] == [None, []]
    assert named.to_pylist()[1] is None
    for text, found in zip(("何必", "于是"), (named.to_pylist()[0], named.to_pylist()[2]), strict=True):
        assert [(one["type"], one["value"], one["start"], one["end"]) for one in found] == [("PERSON_NAME", text, 0, 2)]


def test_it_looks_for_what_is_asked_for() -> None:
    column = pyarrow.array([TEXT + "凤凰计划"])
    rules = {"deny": [{"type": "项目代号", "value": "凤凰计划"}], "patterns": [{"type": "代号", "pattern": "邮(箱)"}]}
    for columns, kinds in (
        (ColumnDetector("rules", ["EMAIL"]), ["EMAIL"]),
        (ColumnDetector("rules", min_score={"EMAIL": 1.0, "DEFAULT": 0.5}), ["PHONE_NUMBER"]),
        (ColumnDetector("rules", [], custom_rules=rules), ["代号", "项目代号"]),
    ):
        for same in (columns, pickle.loads(pickle.dumps(columns))):
            assert [row["type"] for row in same.detect(column).to_pylist()[0]] == kinds


def test_a_pickle_has_no_model() -> None:
    columns = ColumnDetector("tagger-fast")
    columns.load()
    assert len(pickle.dumps(columns)) < 10_000


def test_an_engine_is_loaded_once_a_process() -> None:
    assert ColumnDetector("rules").load().engine is ColumnDetector("rules", ["EMAIL"]).load().engine


def test_a_column_of_nulls_stays_one() -> None:
    assert ColumnDetector("rules").detect(pyarrow.nulls(2)).to_pylist() == [None, None]


@pytest.mark.parametrize("column", [pyarrow.array([13800138000]), pyarrow.array([TEXT.encode()])])
def test_other_columns_are_refused(column: Any) -> None:
    with pytest.raises(TypeError, match=f"not of {column.type}"):
        ColumnDetector("rules").detect(column)


def test_bytes_that_are_no_text_are_an_error() -> None:
    offsets, data = pyarrow.py_buffer(b"\0\0\0\0\4\0\0\0"), pyarrow.py_buffer(b"\xe5\xbc\xa0\xff")
    with pytest.raises(InvalidTextError, match="not valid UTF-8"):
        ColumnDetector("rules").detect(pyarrow.StringArray.from_buffers(1, offsets, data))


def test_the_time_of_custom_rules_is_that_of_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = ColumnDetector("rules", custom_rules={"patterns": [{"type": "代号", "pattern": "a"}]})
    clock = SimpleNamespace(thread_time=count().__next__)  # it ticks at each match
    monkeypatch.setattr("serving.engines.custom_rules.time", clock)
    column = ["aaa", "b", "aaa"]
    assert [len(found) for found in columns.detect(pyarrow.array(column)).to_pylist()] == [3, 0, 3]
    with pytest.raises(CustomRulesError) as raised:
        columns.detect(pyarrow.array([*column, "a" * 9]))
    assert "aaa" not in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"engine": "nothing"}, ModelError),
        ({"engine": "tagger?thread=1"}, ModelError),
        ({"types": ["PHONE"]}, UnknownTypeError),
        ({"min_score": 2}, ValueError),
        ({"custom_rules": {"deni": []}}, DataError),
        ({"column": 5}, TypeError),
    ],
)
def test_wrong_arguments_are_errors_at_once(arguments: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        ColumnDetector(**{"engine": "rules", **arguments})


@pytest.mark.parametrize(
    ("operator", "error"), [("hash", ModelError), ("surrogate", ModelError), ("erase", ValueError)]
)
def test_operators_are_checked_at_once(operator: Any, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PII_SFT_KEY", raising=False)
    with pytest.raises(error, match=operator):
        row_redaction(operator)
