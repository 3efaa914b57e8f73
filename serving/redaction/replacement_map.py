"""Which stand-in was put for which value: it makes a redaction consistent, and reversible."""

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from operator import neg
from typing import Any

from schemas.errors import RecordError, UnknownTypeError
from schemas.json_fields import as_list, as_string
from schemas.taxonomy import ALL_TYPES, EntityType
from schemas.text.borders import splits_word
from schemas.text.fold import fold
from serving.redaction.forms import is_number, marked_number, marked_text, meant, written
from serving.redaction.labels import find_labels, label, label_keys, label_number, open_label
from serving.redaction.linking import NameIndex, normal_form, parts_of
from serving.redaction.operators import Operator
from serving.redaction.referent import Referent

_TRIES = 100
_SHORT = 8
"""Digits of a stand-in that may be a part of a longer number with a point, a comma or a hyphen in it."""
_GOES_BEFORE, _GOES_ON = re.compile(r"[0-9][.,:/-]\Z"), re.compile("[.,:/-][0-9]")
CONTEXT = 2
"""Characters on either side that decide whether what reads like a stand-in is one."""
_NAME = "replacement map"
"""How errors call it."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What reads like a stand-in at `[start, end)` of a text, and its value; None for a stand-in of no value.

    `is_number` says that the value is a number of JSON.
    """

    start: int
    end: int
    value: str | None = field(repr=False)
    is_number: bool = False


class ReplacementMap:
    """The stand-ins of a text, or of all texts of a session; values stay out of `repr`.

    No stand-in stands for two values. The spellings of a value, and the parts of a name, have stand-ins that fit.
    """

    def __init__(self) -> None:
        self._kinds: frozenset[EntityType] = frozenset(ALL_TYPES)
        self._referents: dict[EntityType, list[Referent]] = {}
        self._first_forms: dict[tuple[EntityType, str], Referent] = {}
        self._last_forms: dict[tuple[EntityType, str], Referent] = {}
        self._names = NameIndex()
        self._values: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._first_labels: dict[str, str] = {}
        self._lengths: dict[str, list[int]] = {}
        self._reserved: set[str] = set()

    def reserve(self, text: str) -> None:
        """Let no label that stands in `text` already become a stand-in, where it is none so far."""
        for _, _, keys in find_labels(text, self._kinds):
            if keys and keys[0] not in self._labels and keys[-1] not in self._first_labels:
                self._reserved.update(keys)

    def assign(
        self, kind: EntityType, value: str, operator: Operator, names: NameIndex, *, in_brackets: bool = False
    ) -> str:
        """The stand-in of `value`: the one that it has, or a new one of `operator`.

        `names` are those of the same texts, of which a name may be a part. Where the operator gives no free stand-in in
        a hundred tries, and where one `in_brackets` is asked for, it is a numbered label.
        """
        return self._assign(kind, marked_text(value), operator, names, in_brackets=in_brackets)

    def assign_number(self, kind: EntityType, number: str, operator: Operator) -> str:
        """The stand-in of a number of JSON, as it is written there; another one than that of a string like it."""
        return self._assign(kind, marked_number(number), operator, NameIndex())

    def _assign(
        self, kind: EntityType, value: str, operator: Operator, names: NameIndex, *, in_brackets: bool = False
    ) -> str:
        self.know((kind,))
        referent = self._referent(kind, value, operator, names)
        known = referent.forms.get(value, [])
        stand_in = next((one for one in known if not in_brackets or self._is_in_brackets(one)), None)
        if stand_in is None:
            candidates = self._candidates(kind, value, operator, names, referent)
            fitting = (one for one in candidates if not in_brackets or self._is_in_brackets(one))
            stand_in = next(free for free in fitting if self._is_free(free) and free != value)
            if not referent.forms:  # so that the next one does not try what is taken
                referent.number = max(referent.number, label_number(stand_in, kind))
            self._add(kind, value, stand_in, referent)
        return stand_in

    def _referent(self, kind: EntityType, value: str, operator: Operator, names: NameIndex) -> Referent:
        """What `value` means, which is new where no other form of it is known."""
        key = kind, normal_form(kind, meant(value))
        whole = names.whole(value) if kind is EntityType.PERSON_NAME else None
        if whole is not None:
            self.assign(kind, whole, operator, names)
            return self._referent(kind, whole, operator, names)
        known = self._first_forms.get(key)
        if known is None and not operator.stable:
            known = self._last_forms.get(key) or (self._person(value) if kind is EntityType.PERSON_NAME else None)
        referents = self._referents.get(kind)
        return known or Referent(referents[-1].number + 1 if referents else 1)

    def _person(self, name: str) -> Referent | None:
        """The one person of earlier texts of whose name `name` is a part, or whose names are all parts of it."""
        whole = self._names.whole(name)
        if whole is not None:
            return self._last_forms[EntityType.PERSON_NAME, normal_form(EntityType.PERSON_NAME, whole)]
        parts = parts_of(name)
        called = [self._last_forms.get((EntityType.PERSON_NAME, part)) for part in parts]
        persons = {person.number: person for person in called if person and person.normal_names <= parts}
        return next(iter(persons.values())) if len(persons) == 1 else None

    def _candidates(
        self, kind: EntityType, value: str, operator: Operator, names: NameIndex, referent: Referent
    ) -> Iterator[str]:
        if referent.forms:
            base = referent.base
            yield from (operator.form(kind, value, base, tries) for tries in range(_TRIES))
            yield from (label(kind, referent.number, base.forms + 1 + tries) for tries in range(_TRIES))
        by_surname = kind is EntityType.PERSON_NAME and names.calls_by_surname(meant(value))
        for tries in range(_TRIES):
            yield operator.stand_in(kind, value, referent.number, tries, by_surname=by_surname)
        yield from (label(kind, number) for number in count(referent.number))

    def know(self, kinds: Iterable[EntityType]) -> None:
        """Look for the labels of `kinds` too, which may be no types of the taxonomy; all at once is fastest."""
        if unknown := set(kinds) - self._kinds:
            self._kinds |= unknown

    def _keys(self, stand_in: str) -> list[str]:
        """The keys of `stand_in` where it is a label."""
        return label_keys(stand_in, self._kinds)

    def _is_in_brackets(self, stand_in: str) -> bool:
        """Whether it is a label that is found whatever stands beside it."""
        return stand_in.startswith("[") and bool(self._keys(stand_in))

    def _is_free(self, stand_in: str) -> bool:
        keys = self._keys(stand_in)
        if stand_in in self._values or any(key in self._labels or key in self._reserved for key in keys[:1]):
            return False
        return all(key in self._first_labels or key not in self._reserved for key in keys[-1:])

    def _add(self, kind: EntityType, value: str, stand_in: str, referent: Referent) -> None:
        key = kind, normal_form(kind, meant(value))
        if not referent.forms:
            self._referents.setdefault(kind, []).append(referent)
            self._first_forms.setdefault(key, referent)
        referent.add(value, stand_in)
        self._last_forms[key] = referent
        if kind is EntityType.PERSON_NAME:
            self._names.add(value)
        self._values[stand_in] = value
        if keys := self._keys(stand_in):
            self._labels[keys[0]] = stand_in
            self._first_labels.setdefault(keys[-1], stand_in)
        elif len(stand_in) not in (lengths := self._lengths.setdefault(stand_in[0], [])):
            insort(lengths, len(stand_in), key=neg)  # the longest first

    def find(self, text: str, start: int = 0) -> Iterator[Occurrence]:
        """What reads like a stand-in in `text` after `start`, from left to right, without overlap.

        What stands before is seen, but not searched: no stand-in begins within a word.
        """
        return _disjoint(self._find_all(text, start), start)

    def find_decided(self, text: str, start: int, beginnings: Sequence[str]) -> tuple[list[Occurrence], int]:
        """What `find` finds whatever text may follow, and up to where that is known.

        `beginnings` are those of this map.
        """
        found = self._find_all(text, start)
        longest = max((lengths[0] for lengths in self._lengths.values()), default=0)
        last = range(max(start, len(text) - longest), len(text))
        decided = next((at for at in last if _begins_one(text[at:], beginnings)), len(text))
        decided = min(decided, open_label(text, self._kinds, start))
        decided = min(
            [decided, *(one.start for one in found if one.end + CONTEXT > len(text) and _is_short(one, text))]
        )
        while crossing := [one.start for one in found if one.start < decided < one.end]:
            decided = min(crossing)
        return [one for one in _disjoint(found, start) if one.end <= decided], decided

    def beginnings(self) -> Sequence[str]:
        """The stand-ins that are no labels, sorted, so that those with a beginning are found at once."""
        return sorted(stand_in for stand_in in self._values if not self._keys(stand_in))

    def _find_all(self, text: str, start: int) -> list[Occurrence]:
        """Labels and others, which may overlap, from left to right; of those that begin together the longest first."""
        others = self._find_others(text, start) if self._lengths else ()
        return sorted([*self._find_labels(text, start), *others], key=lambda found: (found.start, -found.end))

    def _find_labels(self, text: str, first: int) -> Iterator[Occurrence]:
        for start, end, keys in find_labels(text, self._kinds, first):
            stand_in = (self._labels.get(keys[0]) or self._first_labels.get(keys[-1])) if keys else None
            yield self._occurrence(start, end, stand_in)

    def _find_others(self, text: str, start: int) -> Iterator[Occurrence]:
        """Stand-ins that are no labels, as whole words; of several that begin together the longest."""
        folded = fold(text)
        while start < len(text):
            lengths = () if splits_word(folded, start) else self._lengths.get(text[start], ())
            end = next(
                (start + length for length in lengths if self._is_whole(text, folded, start, start + length)), None
            )
            if end is not None:
                yield self._occurrence(start, end, text[start:end])
            start = start + 1 if end is None else end

    def _occurrence(self, start: int, end: int, stand_in: str | None) -> Occurrence:
        value = self._values[stand_in] if stand_in else None
        if value is None:
            return Occurrence(start, end, None)
        return Occurrence(start, end, written(value), is_number(value))

    def _is_whole(self, text: str, folded: str, start: int, end: int) -> bool:
        """Whether one ends at `end` with a word, and is no part of a longer number."""
        if end > len(text) or splits_word(folded, end) or text[start:end] not in self._values:
            return False
        if not _is_short_number(folded[start:end]):
            return True
        before = folded[max(start - CONTEXT, 0) : start]
        return not (_GOES_ON.match(folded, end) or _GOES_BEFORE.search(before))

    def __len__(self) -> int:
        """How many stand-ins it has."""
        return len(self._values)

    def to_json(self) -> list[list[Any]]:
        """The JSON form: type, value, stand-in and number of each entry, in order."""
        return [
            [str(kind), value, stand_in, referent.number]
            for kind, referents in self._referents.items()
            for referent in referents
            for value, stand_ins in referent.forms.items()
            for stand_in in stand_ins
        ]

    @classmethod
    def from_json(cls, entries: Any) -> "ReplacementMap":
        """The replacement map of a JSON form. Raises RecordError for anything else."""
        replacement_map = cls()
        rows = [_row(entry) for entry in as_list(entries, _NAME)]
        replacement_map.know(kind for kind, _, _, _ in rows)
        for kind, value, stand_in, number in rows:
            referents = replacement_map._referents.get(kind, [])
            known = next((referent for referent in referents[-1:] if referent.number == number), None)
            replacement_map._add(kind, value, stand_in, known or Referent(number))
        return replacement_map


def _is_short(found: Occurrence, text: str) -> bool:
    return _is_short_number(fold(text[found.start : found.end]))


def _is_short_number(folded: str) -> bool:
    return len(folded) <= _SHORT and folded.isdecimal()


def _disjoint(found: Iterable[Occurrence], start: int) -> Iterator[Occurrence]:
    """Those of `found`, from left to right, that begin behind the one before."""
    end = start
    for one in found:
        if one.start >= end:
            yield one
            end = one.end


def _begins_one(beginning: str, stand_ins: Sequence[str]) -> bool:
    """Whether one of the sorted `stand_ins` begins so."""
    at = bisect_left(stand_ins, beginning)
    return at < len(stand_ins) and stand_ins[at].startswith(beginning)


def _row(entry: Any) -> tuple[EntityType, str, str, int]:
    """Type, value, stand-in and number of an entry."""
    if len(as_list(entry, _NAME)) != 4 or not isinstance(entry[3], int):
        raise RecordError(f"{_NAME}: an entry has a type, a value, a stand-in and a number")
    name, value, stand_in = (as_string(part, _NAME) for part in entry[:3])
    if not stand_in:
        raise RecordError(f"{_NAME}: a stand-in is empty")
    try:
        return EntityType.named(name), value, stand_in, entry[3]
    except UnknownTypeError:
        raise RecordError(f"{_NAME}: an entry has no name of a type") from None
