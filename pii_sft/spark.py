"""Functions of columns for Spark, by an engine that each Python worker process loads once.

    from pii_sft.spark import detect_udf, redact_udf

    detect, redact = detect_udf(), redact_udf("mask")
    frame.withColumn("entities", detect("text")).withColumn("redacted", redact("text"))

The package must be installed wherever Spark runs Python. These are Arrow functions of Spark 4.1: a pandas function gets
texts by way of pandas, whose error for bytes that are not UTF-8 quotes the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow
from pyspark.sql.functions import arrow_udf  # type: ignore[attr-defined]
from pyspark.sql.pandas.types import from_arrow_type

from pii_sft.columns import ColumnDetector, Rules, entities_type, row_redaction
from pii_sft.detector import MinScore
from pii_sft.registry import parse_spec
from serving.scan.settings import ScanOperator


def detect_udf(
    engine: str = "tagger",
    types: Iterable[str] | None = None,
    min_score: MinScore = 0.0,
    *,
    values: bool = False,
    custom_rules: Rules | None = None,
    column: str = "",
) -> Any:
    """A function of a column of strings that gives an array of structs for each, and null for null.

    A struct has `type`, `start`, `end`, `score`, `source` and, with `values`, what was found as `value`. `engine` is a
    name with options as `Detector.load` takes it. It runs on one CPU thread unless it says `threads`, since Spark has a
    worker for each core. `types` and `min_score` are those of `Detector.detect`, `custom_rules` those of
    `Detector.with_custom_rules`. `column` is the name of the column, behind which short texts are read as in a scan:
    alone 于是 is a word, behind 姓名 a name.

    Raises what these raise. A model that cannot be loaded ends the query, and so does a text that cannot be searched,
    as in `ColumnDetector`.
    """
    columns = ColumnDetector(on_one_thread(engine), types, min_score, custom_rules, column)

    @arrow_udf(from_arrow_type(entities_type(values)))  # type: ignore[untyped-decorator]
    def detect_pii(batches: Iterator[pyarrow.Array]) -> Iterator[pyarrow.Array]:
        for texts in batches:
            yield columns.detect(texts, values=values)

    return detect_pii


def redact_udf(
    operator: ScanOperator = "label",
    engine: str = "tagger",
    types: Iterable[str] | None = None,
    min_score: MinScore = 0.0,
    *,
    custom_rules: Rules | None = None,
    column: str = "",
) -> Any:
    """A function of a column of strings that gives the redacted text of each, and null for null.

    `operator` is one of `pii-sft scan --redact`: label, mask, hash, surrogate or pseudonym. Hashes and surrogates
    follow from the key in $PII_SFT_KEY of the driver, which goes to the workers within the function. The other
    arguments and errors are those of `detect_udf`. Also raises ValueError for another operator, ModelError where no key
    is set.
    """
    columns = ColumnDetector(on_one_thread(engine), types, min_score, custom_rules, column)
    redaction = row_redaction(operator)

    @arrow_udf("string")  # type: ignore[untyped-decorator]
    def redact_pii(batches: Iterator[pyarrow.Array]) -> Iterator[pyarrow.Array]:
        for texts in batches:
            yield columns.redact(texts, redaction)

    return redact_pii


def on_one_thread(engine: str) -> str:
    """`engine` with `threads=1` where it has that option and does not say it."""
    name, _, options = engine.partition("?")
    if "threads" not in parse_spec(name).options:
        return engine
    return f"{name}?threads=1&{options}"  # of an option that is said twice, the last one counts
