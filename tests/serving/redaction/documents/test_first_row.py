"""First rows of tables: names of columns, or data."""

import io

import pytest

from pii_sft.detector import Detector
from schemas.engine import Find
from schemas.errors import DataError
from serving.engines.rules.engine import RulesEngine
from serving.redaction import RedactionSession
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.first_row import people_in, values_in
from serving.redaction.documents.tables import Csv
from serving.redaction.documents.text_redactor import TextRedactor
from serving.redaction.documents.text_restorer import TextRestorer
from tests.finding import behind_names

PHONES = ["13800138000", "+86 138-0013-8000", "１３８００１３８０００", "010-62345678"]
CARDS = ["11010519491231002X", "6222021234567890128"]
RULES = TextRedactor(behind_names(RulesEngine().detect), RedactionSession("label"))


@pytest.fixture(scope="module")
def find() -> Find:
    return Detector.load().finding()


@pytest.mark.parametrize("cell", [*PHONES, *CARDS, " lilei@example.com"])
def test_a_first_row_of_data_is_no_header(cell: str) -> None:
    with pytest.raises(DataError, match="f:1: cell 2 looks like data; the first row must name the columns"):
        list(Csv(Columns(("x",))).rewritten_records(io.StringIO(f"x,{cell}\n1,2\n"), "f", RULES))


def test_dates_years_and_examples_name_columns() -> None:
    header = "2024,20240101,2024-01-01 00:00:00,x@y,1234567890123,手机(如13800138000),20240101120000,2024010120241231,,"
    header += "1985,1990-01-01,19850302,1999-12,SH600510,SRR1039508,E00013,S0018,A1000016,39.9042,116.4074,12345678"
    assert list(Csv(Columns(("2024",))).rewritten_records(io.StringIO(header), "f", RULES)) == [header]


def test_what_is_restored_may_begin_with_anything() -> None:
    session = RedactionSession("label")
    restorer = TextRestorer(session.replacement_map)
    assert list(Csv(Columns((), ("x",))).rewritten_records(io.StringIO("13800138000\n"), "f", restorer)) == [
        "13800138000\n"
    ]
    assert values_in([]) == []


@pytest.mark.parametrize(
    ("row", "people"),
    [
        (["李四光", " 上海市浦东新区世纪大道100号", "男"], [0, 1]),
        (["联系人李四光 13800138000", "组长"], [0]),
        (["姓名", "住址", "性别"], []),
        (["name", "weixin", "city", "brand"], []),
        (["班级", "语文", "数学", "高兴", "张家口"], []),
    ],
)
def test_names_and_addresses_are_no_header(find: Find, row: list[str], people: list[int]) -> None:
    assert people_in(row, find) == people
    table = Csv(Columns((), ("text",)))
    redactor = TextRedactor(find, RedactionSession("label"))
    lines = io.StringIO(",".join(row) + "\n")
    if people:
        with pytest.raises(DataError, match="f:1: cell 1 looks like data"):
            list(table.rewritten_records(lines, "f", redactor))
    else:
        assert list(table.rewritten_records(lines, "f", redactor)) == [lines.getvalue()]


def test_a_row_that_names_a_chosen_column_may_have_names_of_people(find: Find) -> None:
    row = "李四光,text\n"
    redactor = TextRedactor(find, RedactionSession("label"))
    assert list(Csv(Columns(("text",))).rewritten_records(io.StringIO(row), "f", redactor)) == [row]


def test_an_empty_first_row_names_nothing() -> None:
    with pytest.raises(DataError, match="f:1: is empty; the first row must name the columns"):
        list(Csv(Columns((), ("x",))).rewritten_records(io.StringIO("\n13800138000\n"), "f", RULES))
