"""Redacts the cells of a row, which never depend on other rows: it does not matter which worker does which part."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType
from serving.redaction import RedactionSession, make_operator, redact
from serving.redaction.labels import label
from serving.redaction.linking import normal_form
from serving.redaction.operators import Form, Operator
from serving.redaction.redact import person_names
from serving.redaction.surrogates import fitting_surrogate, is_distinct, surrogate
from serving.scan.settings import ScanOperator


@dataclass(frozen=True, slots=True)
class KeyedSurrogate:
    """An `Operator`: a made-up value that follows from the value under a key, the same in every row.

    Other forms of a value get forms of it. One that is so short that it could stand in any text is a label.
    """

    key: bytes = field(repr=False)
    unique: bool = False
    stable: bool = True

    def stand_in(self, kind: EntityType, value: str, number: int, tries: int = 0, *, by_surname: bool = False) -> str:
        """As `Operator` has it."""
        made_up = surrogate(kind, value, self._random(kind, value), by_surname=by_surname)
        return made_up if is_distinct(kind, made_up, value) else label(kind)

    def form(self, kind: EntityType, value: str, base: Form, tries: int = 0) -> str:
        """As `Operator` has it; the stand-in of `base` follows from its value."""
        made_up = surrogate(kind, base.value, self._random(kind, base.value))
        fitting = fitting_surrogate(kind, value, base.value, made_up, self._random(kind, value))
        return fitting if is_distinct(kind, fitting, value) else self.stand_in(kind, value, base.number)

    def _random(self, kind: EntityType, value: str) -> Random:
        return Random(hmac.new(self.key, f"{kind}\0{normal_form(kind, value)}".encode(), hashlib.sha256).digest())


@dataclass(frozen=True, slots=True)
class RowRedaction:
    """Redacts rows by the operator of that name; `key` is for hashes and surrogates.

    Pseudonyms are numbered anew in each row. Stand-ins of the others are equal for equal values in all rows.
    """

    name: ScanOperator
    key: bytes = field(default=b"", repr=False)

    def __call__(self, row: Sequence[Prediction]) -> list[str]:
        """The redacted texts of the cells of a row."""
        if not any(cell.detections for cell in row):
            return [cell.text for cell in row]
        if self.name == "pseudonym":
            return [redacted.text for redacted in RedactionSession("pseudonym").redact_all(row)]
        operator, names = self._operator(), person_names((cell.text, cell.entities) for cell in row)
        return [redact(cell.text, cell.entities, operator, names=names).text for cell in row]

    def _operator(self) -> Operator:
        return (
            KeyedSurrogate(self.key)
            if self.name == "surrogate"
            else make_operator(self.name, key=self.key, one_way=True)
        )
