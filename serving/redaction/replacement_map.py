"""Which stand-in was put for which value: what makes a redaction consistent, and reversible."""

from bisect import insort
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from operator import neg
from typing import Any

from schemas.errors import RecordError
from schemas.llm.codec import as_list, as_string, as_type
from schemas.taxonomy import EntityType
from serving.redaction.operators import Operator

_TRIES = 100


@dataclass
class ReplacementMap:
    """The stand-ins of a document, or of all documents of a session; values stay out of `repr`.

    No stand-in stands for two values, and equal values of a type have the same stand-in.
    """

    _stand_ins: dict[tuple[EntityType, str], str] = field(default_factory=dict, repr=False)
    _values: dict[str, str] = field(default_factory=dict, repr=False)
    _numbers: Counter[EntityType] = field(default_factory=Counter, repr=False)
    _lengths: dict[str, list[int]] = field(default_factory=dict, repr=False)

    def assign(self, kind: EntityType, value: str, style: Operator) -> str:
        """The stand-in of `value`: the one that it has, or a new one of `style`.

        Where the style gives none that is free in a hundred tries, it is a numbered label.
        """
        known = self._stand_ins.get((kind, value))
        if known is None:
            candidates = self._candidates(kind, value, style)
            known = next(candidate for candidate in candidates if candidate not in self._values and candidate != value)
            self._add(kind, value, known)
        return known

    def _candidates(self, kind: EntityType, value: str, style: Operator) -> Iterator[str]:
        taken = self._numbers[kind]
        yield from (style.stand_in(kind, value, taken + tries) for tries in range(_TRIES))
        yield from (f"[{kind}_{number}]" for number in count(taken + 1))

    def _add(self, kind: EntityType, value: str, stand_in: str) -> None:
        self._stand_ins[kind, value] = stand_in
        self._values[stand_in] = value
        self._numbers[kind] += 1
        lengths = self._lengths.setdefault(stand_in[0], [])  # of the stand-ins that begin so, the longest first
        if len(stand_in) not in lengths:
            insort(lengths, len(stand_in), key=neg)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """The places of stand-ins in `text`, from left to right; of several that begin together the longest."""
        at = 0
        while at < len(text):
            ends = (at + length for length in self._lengths.get(text[at], ()))
            end = next((end for end in ends if end <= len(text) and text[at:end] in self._values), None)
            if end is not None:
                yield at, end
            at = at + 1 if end is None else end

    def value(self, stand_in: str) -> str:
        """What `stand_in` stands for."""
        return self._values[stand_in]

    def to_json(self) -> list[list[str]]:
        """The JSON form: type, value and stand-in of each entry, in order."""
        return [[str(kind), value, stand_in] for (kind, value), stand_in in self._stand_ins.items()]

    @classmethod
    def from_json(cls, entries: Any) -> "ReplacementMap":
        """The book of a JSON form. Raises RecordError for anything else."""
        book = cls()
        for entry in as_list(entries, "book"):
            if len(as_list(entry, "book")) != 3:
                raise RecordError("book: an entry has three parts")
            kind, value, stand_in = as_type(entry[0], "book"), as_string(entry[1], "book"), as_string(entry[2], "book")
            if not stand_in:
                raise RecordError("book: a stand-in is empty")
            book._add(kind, value, stand_in)
        return book
