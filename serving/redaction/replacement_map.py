"""Which stand-in was put for which value: it makes a redaction consistent, and reversible."""

from bisect import insort
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from operator import neg
from typing import Any

from schemas.errors import RecordError, UnknownTypeError
from schemas.llm.codec import as_list, as_string
from schemas.taxonomy import EntityType
from serving.redaction.operators import Operator

_TRIES = 100
_NAME = "replacement map"
"""How errors call it."""


@dataclass
class ReplacementMap:
    """The stand-ins of a text, or of all texts of a session; values stay out of `repr`.

    No stand-in stands for two values, and equal values of a type have the same stand-in.
    """

    _stand_ins: dict[tuple[EntityType, str], str] = field(default_factory=dict, repr=False)
    _values: dict[str, str] = field(default_factory=dict, repr=False)
    _numbers: Counter[EntityType] = field(default_factory=Counter, repr=False)
    _lengths: dict[str, list[int]] = field(default_factory=dict, repr=False)

    def assign(self, kind: EntityType, value: str, operator: Operator) -> str:
        """The stand-in of `value`: the one that it has, or a new one of `operator`.

        Where the operator gives no free one in a hundred tries, it is a numbered label.
        """
        stand_in = self._stand_ins.get((kind, value))
        if stand_in is None:
            candidates = self._candidates(kind, value, operator)
            stand_in = next(free for free in candidates if free not in self._values and free != value)
            self._add(kind, value, stand_in)
        return stand_in

    def _candidates(self, kind: EntityType, value: str, operator: Operator) -> Iterator[str]:
        number = self._numbers[kind]
        yield from (operator.stand_in(kind, value, number + tries) for tries in range(_TRIES))
        yield from (f"[{kind}_{number}]" for number in count(number + 1))

    def _add(self, kind: EntityType, value: str, stand_in: str) -> None:
        self._stand_ins[kind, value] = stand_in
        self._values[stand_in] = value
        self._numbers[kind] += 1
        lengths = self._lengths.setdefault(stand_in[0], [])  # of the stand-ins that begin so, the longest first
        if len(stand_in) not in lengths:
            insort(lengths, len(stand_in), key=neg)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """The spans of stand-ins in `text`, from left to right; of several that begin together the longest."""
        start = 0
        while start < len(text):
            ends = (start + length for length in self._lengths.get(text[start], ()))
            end = next((end for end in ends if end <= len(text) and text[start:end] in self._values), None)
            if end is not None:
                yield start, end
            start = start + 1 if end is None else end

    def value(self, stand_in: str) -> str:
        """What `stand_in` stands for."""
        return self._values[stand_in]

    def to_json(self) -> list[list[str]]:
        """The JSON form: type, value and stand-in of each entry, in order."""
        return [[str(kind), value, stand_in] for (kind, value), stand_in in self._stand_ins.items()]

    @classmethod
    def from_json(cls, entries: Any) -> "ReplacementMap":
        """The replacement map of a JSON form. Raises RecordError for anything else."""
        replacement_map = cls()
        for entry in as_list(entries, _NAME):
            if len(as_list(entry, _NAME)) != 3:
                raise RecordError(f"{_NAME}: an entry has three parts")
            name, value, stand_in = (as_string(part, _NAME) for part in entry)
            try:
                kind = EntityType.named(name)
            except UnknownTypeError:
                raise RecordError(f"{_NAME}: an entry has no name of a type") from None
            if not stand_in:
                raise RecordError(f"{_NAME}: a stand-in is empty")
            replacement_map._add(kind, value, stand_in)
        return replacement_map
