"""SQL functions for DuckDB.

register(connection)
connection.sql("SELECT detect_pii(text), redact_pii(text) FROM 'chats.parquet'")
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow

from pii_sft.columns import ColumnDetector, Rules, Texts, entities_type, row_redaction
from pii_sft.detector import MinScore
from serving.scan.settings import ScanOperator

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def register(
    connection: DuckDBPyConnection,
    engine: str = "tagger",
    operator: ScanOperator = "label",
    types: Iterable[str] | None = None,
    min_score: MinScore = 0.0,
    *,
    values: bool = False,
    custom_rules: Rules | None = None,
) -> None:
    """Give `connection` the functions `detect_pii` and `redact_pii` of a text, which are null for null.

    `detect_pii` gives a list of structs with `type`, `start`, `end`, `score`, `source` and, with `values`, what was
    found as `value`. `redact_pii` gives the text redacted by `operator`, one of `pii-sft scan --redact`: label, mask,
    hash, surrogate or pseudonym. Hashes and surrogates follow from the key in $PII_SFT_KEY.

    `engine` is a name with options as `Detector.load` takes it, `types` and `min_score` are those of `Detector.detect`,
    `custom_rules` those of `Detector.with_custom_rules`. Raises what these raise, ValueError for another operator,
    ModelError where the key is not set, and duckdb.NotImplementedException where the connection has the functions
    already. A text that cannot be searched ends the query, as in `ColumnDetector`.
    """
    columns, redaction = ColumnDetector(engine, types, min_score, custom_rules), row_redaction(operator)
    columns.load()  # so that a model that cannot be used is an error at once

    def detect(texts: Texts) -> pyarrow.Array:
        return columns.detect(texts, values=values)

    def redact(texts: Texts) -> pyarrow.Array:
        return columns.redact(texts, redaction)

    for name, function, result in (("detect_pii", detect, _sql_type(values)), ("redact_pii", redact, "VARCHAR")):
        connection.create_function(name, function, ["VARCHAR"], result, type="arrow")  # type: ignore[call-overload]


def _sql_type(values: bool) -> str:
    """DuckDB's name of `entities_type`; it knows Arrow's names of the types within."""
    fields = ", ".join(f'"{field.name}" {field.type}' for field in entities_type(values).value_type)
    return f"STRUCT({fields})[]"
