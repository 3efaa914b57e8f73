import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ModelError, UnknownTypeError

pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow")
duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
from pii_sft.columns import ColumnDetector, row_redaction  # noqa: E402
from pii_sft.duckdb import register  # noqa: E402

PAGE = (Path(__file__).parents[2] / "docs" / "use" / "spark.md").read_text(encoding="utf-8")
TEXT = "电话13800138000，邮箱zhang@example.com"


@pytest.fixture
def connection() -> Iterator[Any]:
    with duckdb.connect() as opened:
        opened.execute(
            "CREATE TABLE chats AS SELECT * FROM (VALUES (1, ?), (2, NULL), (3, '今天')) t(id, text)", [TEXT]
        )
        yield opened


@pytest.mark.parametrize("values", [False, True])
def test_queries_get_entities_and_redacted_texts(connection: Any, values: bool) -> None:
    register(connection, "rules", values=values)
    result = connection.sql("SELECT text, detect_pii(text) e, redact_pii(text) r FROM chats ORDER BY id").fetchall()
    columns, column = ColumnDetector("rules"), pyarrow.array([text for text, _, _ in result])
    assert [entities for _, entities, _ in result] == columns.detect(column, values=values).to_pylist()
    assert [redacted for _, _, redacted in result] == columns.redact(column, row_redaction("label")).to_pylist()


def test_entities_are_rows_of_sql(connection: Any) -> None:
    register(connection, "rules", values=True)
    found = connection.sql("""
        SELECT id, e.type, substring(text, e.start + 1, e."end" - e.start) = e.value
        FROM (SELECT id, text, unnest(detect_pii(text)) AS e FROM chats) ORDER BY id, e.start
    """)
    assert found.fetchall() == [(1, "PHONE_NUMBER", True), (1, "EMAIL", True)]


def test_many_rows_of_several_threads_keep_their_order(connection: Any) -> None:
    register(connection, "rules", values=True)
    connection.execute("SET threads = 4")
    phone = "CASE WHEN i % 200 = 0 THEN (13800138000 + i)::VARCHAR END"
    connection.execute(f"CREATE TABLE phones AS SELECT {phone} AS phone FROM range(300_000) t(i)")
    found = connection.sql("SELECT phone, detect_pii('电话' || phone)[1].value FROM phones").fetchall()
    assert len(found) == 300_000 and sum(value is not None for _, value in found) == 1_500
    assert all(phone == value for phone, value in found)


def test_the_options_are_those_of_the_detector(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PII_SFT_KEY", "A" * 43 + "=")
    rules = {"deny": [{"type": "项目代号", "value": "今天"}]}
    register(connection, "rules", "hash", ["EMAIL"], {"EMAIL": 0.5}, custom_rules=rules)
    first, _, third = (row[0] for row in connection.sql("SELECT redact_pii(text) FROM chats ORDER BY id").fetchall())
    assert re.fullmatch(r"电话13800138000，邮箱\[EMAIL_[0-9a-f]{12}\]", first)
    assert re.fullmatch(r"\[项目代号_[0-9a-f]{12}\]", third)


def test_what_cannot_be_used_is_an_error_at_once(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PII_SFT_KEY", raising=False)
    for arguments, error in (
        (("tagger:nowhere",), ModelError),
        (("rules", "hash"), ModelError),
        (("rules", "label", ["PHONE"]), UnknownTypeError),
    ):
        with pytest.raises(error):
            register(connection, *arguments)


def test_a_text_that_cannot_be_searched_ends_the_query(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    register(connection, "rules", custom_rules={"patterns": [{"type": "代号", "pattern": "今天"}]})
    monkeypatch.setattr("serving.engines.custom_rules.MAX_SECONDS", -1)
    with pytest.raises(duckdb.Error, match="custom rules take too long") as raised:
        connection.sql("SELECT detect_pii(text) FROM chats").fetchall()
    assert "今天" not in str(raised.value)


def test_the_example_of_the_docs_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = (block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "duckdb" in block)
    exec(code, {})
    assert capsys.readouterr().out.splitlines() == re.findall(r"^# (.*)$", code, re.MULTILINE)
