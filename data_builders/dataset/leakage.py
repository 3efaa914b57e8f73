"""Keeps the splits apart: no text, near-duplicate, template or personal value of one stands in another."""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from data_builders.dataset.near_duplicates import NearDuplicates, normalize
from data_builders.sources.registry import traits_of
from data_builders.splits import Split
from data_builders.synth.names.chinese import COMPOUND_SURNAMES
from schemas.spans.entity import Example
from schemas.taxonomy import EntityType

_NICKNAMES = "小老阿大"


class Conflict(NamedTuple):
    """Why a row may not be taken in, and the place of the earlier row that stands against it."""

    reason: str
    place: str


class LeakageGuard:
    """Knows the rows taken in so far, split by split, and what a new one repeats or resembles."""

    def __init__(self, similarity: float) -> None:
        self._ids: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._near = NearDuplicates(similarity)
        self._owners: dict[tuple[str, str], dict[Split, str]] = {}

    def conflicts(self, example: Example, split: Split) -> list[Conflict]:
        """All that stands against `example` in `split`: id, text, values and templates of other splits, resemblance."""
        conflicts = []
        name, text = example.document.id, normalize(example.document.text)
        if name in self._ids:
            conflicts.append(Conflict("repeated id", self._ids[name]))
        for kind, value in _marks(example):
            others = [place for owner, place in self._owners.get((kind, value), {}).items() if owner != split]
            conflicts += [Conflict(f"{kind} of another split", place) for place in others[:1]]
        if text in self._texts:
            conflicts.append(Conflict("duplicate", self._texts[text]))
        elif resembled := self._near.find(example.document.text):
            conflicts.append(Conflict("near-duplicate", resembled))
        return list(dict.fromkeys(conflicts))

    def admit(self, example: Example, split: Split, place: str) -> None:
        """Take `example`, which stands at `place`, into `split`."""
        self._ids.setdefault(example.document.id, place)
        self._texts.setdefault(normalize(example.document.text), place)
        self._near.add(place, example.document.text)
        for mark in _marks(example):
            self._owners.setdefault(mark, {}).setdefault(split, place)


def _marks(example: Example) -> Iterator[tuple[str, str]]:
    """Kind and text of all that must not stand in two splits."""
    for name in filter(None, example.slices.get("template", "").split("+")):
        yield "template", name
    for entity in () if traits_of(example.source).shares_values else example.entities:
        value = example.document.text[entity.start : entity.end]
        if not entity.type.info.shared and (identity := _identity(value, entity.type)):
            yield "personal value", identity


def _identity(value: str, kind: EntityType) -> str:
    """Letters and digits of `value` in NFKC and lower case, or "" when it identifies nobody.

    That is: a single character, a compound surname, a nickname such as 小王, and two characters of any other type.
    Birth dates, and the values of a source whose own splits name the same public figures, are not asked about at all.
    """
    canonical = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", value).casefold()))
    if len(canonical) > 2:
        return canonical
    common = len(canonical) < 2 or canonical[0] in _NICKNAMES or canonical in COMPOUND_SURNAMES
    return "" if common or kind != EntityType.PERSON_NAME else canonical
