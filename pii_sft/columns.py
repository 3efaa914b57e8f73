"""Columns of texts as Arrow arrays, for tools that work on tables, such as Spark and DuckDB.

columns = ColumnDetector("tagger")
columns.detect(pyarrow.array(["我叫张三，电话13800138000", None]))
columns.redact(pyarrow.array(["我叫张三，电话13800138000", None]), row_redaction("mask"))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow

from pii_sft.detector import Detector, MinScore, compile_custom_rules, least_scores
from pii_sft.keys import operator_key
from pii_sft.registry import EngineSpec, parse_spec
from schemas.engine import Engine
from schemas.errors import InvalidTextError
from schemas.spans.prediction import Prediction
from schemas.taxonomy import parse_types
from serving.engines.custom_rules import CustomRulesError
from serving.redaction.documents.document import BATCH
from serving.scan.row_redaction import RowRedaction
from serving.scan.settings import SCAN_OPERATORS, ScanOperator

Rules = Mapping[str, Any] | str | Path
"""Custom rules: their JSON, or the file that holds it."""
Texts: TypeAlias = pyarrow.Array | pyarrow.ChunkedArray
"""An array of strings."""
_IS_STRING = (
    pyarrow.types.is_string,
    pyarrow.types.is_large_string,
    pyarrow.types.is_string_view,
    pyarrow.types.is_null,
)


class ColumnDetector:
    """Finds and redacts personal data in columns of texts.

    Its methods take arrays of strings and give arrays of the same length, in which nulls stay null. They search every
    text or raise: InvalidTextError for a text that is not valid UTF-8, CustomRulesError for one on which custom rules
    take too long, TypeError for an array of another type. No error quotes a text.

    It can be pickled. A process loads the engine once, when it first needs it.
    """

    def __init__(
        self,
        engine: str = "tagger",
        types: Iterable[str] | None = None,
        min_score: MinScore = 0.0,
        custom_rules: Rules | None = None,
        column: str = "",
    ) -> None:
        """Search with `engine`, a name with options as `Detector.load` takes it.

        `types` and `min_score` are those of `Detector.detect`, `custom_rules` those of `Detector.with_custom_rules`.
        `column` is the name of the column, behind which short texts are read as in a scan; "" reads each text alone.
        Raises TypeError for a column that is no string, and what these raise, but for a model that cannot be loaded:
        `load` raises that.
        """
        if not isinstance(column, str):
            raise TypeError("column is the name of a column, a string")
        least_scores(min_score)  # checks them
        self._spec, self._min_score = parse_spec(engine), min_score
        self._types = None if types is None else parse_types(types)
        self._rules, self._column = compile_custom_rules(custom_rules), column

    def load(self) -> Detector:
        """The detector, ready. Raises what `Detector.load` raises."""
        return Detector(_load_engine(self._spec), custom_rules=self._rules)

    def detect(self, texts: Texts, *, values: bool = False) -> pyarrow.Array:
        """The entities of each text, of `entities_type(values)`; a text without personal data has an empty list."""
        rows = [None if found is None else found.to_dict()["entities"] for found in self._predictions(texts)]
        return pyarrow.array(rows, entities_type(values))

    def redact(self, texts: Texts, redaction: RowRedaction) -> pyarrow.Array:
        """The redacted texts; `row_redaction` makes a `redaction`."""
        rows = [None if found is None else redaction([found])[0] for found in self._predictions(texts)]
        return pyarrow.array(rows, pyarrow.string())

    def _predictions(self, texts: Texts) -> list[Prediction | None]:
        strings, detector = _strings(texts), self.load()
        present = [text for text in strings if text is not None]
        batches = (present[first : first + BATCH] for first in range(0, len(present), BATCH))
        found = iter([prediction for batch in batches for prediction in self._search(detector, batch)])
        return [None if text is None else next(found) for text in strings]

    def _search(self, detector: Detector, texts: Sequence[str]) -> list[Prediction]:
        names = [self._column] * len(texts) if self._column else None
        try:
            return detector.detect_batch(texts, self._types, self._min_score, names)
        except CustomRulesError:  # their time is limited for a call, and each text may have as much
            if len(texts) == 1:
                raise
            return [prediction for text in texts for prediction in self._search(detector, [text])]


def entities_type(values: bool) -> pyarrow.DataType:
    """The Arrow type of the entities of a text, with what was found or without: a list of structs.

    `start` and `end` count code points, half-open; `score` is a probability; `source` says who found the entity.
    """
    text, position = pyarrow.string(), pyarrow.int32()
    fields = {"type": text, "value": text, "start": position, "end": position}
    fields |= {"score": pyarrow.float64(), "source": text}
    return pyarrow.list_(pyarrow.struct([field for field in fields.items() if values or field[0] != "value"]))


def row_redaction(operator: ScanOperator) -> RowRedaction:
    """What redacts texts by one of the operators of `pii-sft scan --redact`: label, mask, hash, surrogate, pseudonym.

    Hashes and surrogates follow from the key in $PII_SFT_KEY. Raises ModelError where it is not set, ValueError for
    another operator.
    """
    if operator not in SCAN_OPERATORS:
        raise ValueError(f"no operator {operator}; there are {', '.join(SCAN_OPERATORS)}")
    return RowRedaction(operator, operator_key(operator))


@cache
def _load_engine(spec: EngineSpec) -> Engine:
    return spec.load().engine


def _strings(texts: Texts) -> list[str | None]:
    if not any(is_kind(texts.type) for is_kind in _IS_STRING):
        raise TypeError(f"a column of strings is needed, not of {texts.type}")
    try:
        strings: list[str | None] = texts.to_pylist()
    except UnicodeDecodeError:
        raise InvalidTextError("a text of the column is not valid UTF-8") from None
    return strings
