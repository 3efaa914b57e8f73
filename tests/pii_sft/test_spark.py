"""Spark's functions, in one local session with two workers."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if shutil.which("java") is None:
    pytest.skip("needs Java", allow_module_level=True)
pyspark = pytest.importorskip("pyspark", reason="needs pyspark")
pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow")
from pii_sft.columns import ColumnDetector, _load_engine, row_redaction  # noqa: E402
from pii_sft.registry import parse_spec  # noqa: E402
from pii_sft.spark import detect_udf, on_one_thread, redact_udf  # noqa: E402
from schemas.errors import ModelError  # noqa: E402

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "use" / "spark.md").read_text(encoding="utf-8")
TEXT = "张三，电话13800138000"
TEXTS = [TEXT, None, "今天", "", *(f"客户{number}，邮箱a{number}@example.com" for number in range(40))]
KEY = "A" * 43 + "="


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    options = {
        "spark.driver.memory": "512m",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "3",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]))
        session = SparkSession.builder.master("local[2]").config(map=options).getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


def frame(spark: Any, texts: list[str | None]) -> Any:
    return spark.createDataFrame(list(enumerate(texts)), "id int, text string").repartition(4)


def in_order(frame: Any, column: str) -> list[Any]:
    rows = sorted(frame.collect(), key=lambda row: row.id)
    return [row.asDict(recursive=True)[column] for row in rows]


@pytest.mark.parametrize("values", [False, True])
def test_each_text_gets_its_entities(spark: Any, values: bool) -> None:
    found = frame(spark, TEXTS).withColumn("entities", detect_udf("tagger-fast", values=values)("text"))
    alone = ColumnDetector("tagger-fast").detect(pyarrow.array(TEXTS), values=values).to_pylist()
    assert in_order(found, "entities") == alone and alone[0] and alone[1] is None


@pytest.mark.parametrize("operator", ["label", "hash"])
def test_texts_are_redacted(spark: Any, operator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PII_SFT_KEY", KEY)
    redacted = frame(spark, TEXTS).withColumn("text", redact_udf(operator, "rules")("text"))
    alone = ColumnDetector("rules").redact(pyarrow.array(TEXTS), row_redaction(operator)).to_pylist()
    assert in_order(redacted, "text") == alone and "13800138000" not in alone[0]


def test_a_worker_loads_the_engine_once(spark: Any) -> None:
    from pyspark.sql.functions import arrow_udf

    detect = detect_udf("tagger-fast?recall=0.1").func

    def observe(batches: Iterator[pyarrow.Array]) -> Iterator[pyarrow.Array]:
        for number, found in enumerate(detect(batches)):
            row = {"worker": os.getpid(), "batch": number, "loads": _load_engine.cache_info().misses}
            yield pyarrow.array([row] * len(found), pyarrow.struct({name: pyarrow.int32() for name in row}))

    observed = arrow_udf(observe, "worker int, batch int, loads int")
    query = frame(spark, TEXTS).select(observed("text").alias("seen"))
    seen = [row.seen for _ in range(2) for row in query.collect()]  # Spark keeps workers for the next query
    assert {row.batch for row in seen} >= {0, 1, 2}
    assert len({(row.worker, row.loads) for row in seen}) == len({row.worker for row in seen}) <= 2


def test_custom_rules_reach_the_workers(spark: Any) -> None:
    rules = {"patterns": [{"type": "项目代号", "pattern": "凤凰"}], "allow_patterns": ["^1380"]}
    found = frame(spark, [TEXT + "凤凰"]).select(
        detect_udf("rules", min_score=0.5, custom_rules=rules)("text").alias("e")
    )
    assert [row.type for row in found.first().e] == ["项目代号"]


def test_what_cannot_be_searched_ends_the_query(spark: Any) -> None:
    from pyspark.errors import PythonException

    for column, reason in (
        ("cast(X'E5BCA0FF' AS string)", "InvalidTextError: a text of the column is not valid UTF-8"),
        ("13800138000", "TypeError: a column of strings is needed, not of int64"),
    ):
        with pytest.raises(PythonException, match=reason) as raised:
            spark.sql(f"SELECT {column} AS text").select(detect_udf("rules")("text")).collect()
        assert "张" not in str(raised.value) and "1380" not in str(raised.value)
    spark.udf.register("detect_pii", detect_udf("rules"))
    mended = spark.sql("SELECT detect_pii(make_valid_utf8(cast(X'E5BCA0FF' AS string))) AS entities")
    assert mended.first().entities == []


def example(word: str) -> str:
    return next(code for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if word in code)


@pytest.mark.usefixtures("spark")
def test_the_example_of_the_docs_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    code = example("SparkSession")
    exec(code, {})
    assert capsys.readouterr().out.splitlines() == re.findall(r"^# (.*)$", code, re.MULTILINE)


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_the_example_for_older_versions_redacts(spark: Any) -> None:
    pytest.importorskip("pandas", reason="mapInArrow needs pandas")
    names: dict[str, Any] = {"chats": frame(spark, [TEXT, None])}
    exec(example("mapInArrow"), names)
    assert in_order(names["redacted"], "text") == ["[PERSON_NAME]，电话[PHONE_NUMBER]", None]


def test_wrong_arguments_are_errors_before_a_query(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PII_SFT_KEY", raising=False)
    for arguments in (("nothing",), ("surrogate", "rules")):
        with pytest.raises((ModelError, ValueError)):
            redact_udf(*arguments)


@pytest.mark.parametrize(
    ("engine", "threads"),
    [("tagger", 1), ("tagger-fast?no-rules", 1), ("tagger?threads=3&no-rules", 3), ("llm:BASE", 1), ("rules", None)],
)
def test_a_worker_has_one_thread_unless_told(engine: str, threads: int | None) -> None:
    spec = parse_spec(on_one_thread(engine))
    assert getattr(spec.config, "threads", None) == threads
    same = {"threads": parse_spec(engine).config.threads} if threads else {}
    assert spec.changed(same) == parse_spec(engine)
