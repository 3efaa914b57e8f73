"""Looks for masked values in what is about to leave: in texts, in names of fields, and where nothing is masked."""

import json
import re
from collections.abc import Iterator, Sequence

from schemas.taxonomy import EntityType
from schemas.text.escapes import decoded, unescaped
from schemas.text.fold import fold
from schemas.text.numbers import plain_number
from serving.engines.repeated_names import is_mentioned
from serving.gateway.known_values import KnownNames, KnownValues
from serving.gateway.stand_ins import without_stand_ins
from serving.redaction import ReplacementMap
from serving.redaction.json_text import Leaf

_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"\s*(:)?')
"""A string of JSON; it is the name of a field where a colon follows."""


class LastLook:
    """Knows the values of a request, and sees where one is left, also in escapes."""

    def __init__(self, replacement_map: ReplacementMap) -> None:
        """Look for the values of `replacement_map`; its stand-ins are not searched."""
        rows = [(EntityType.named(kind), value) for kind, value, _, _ in replacement_map.to_json()]
        self._kinds = {kind for kind, _ in rows}
        self._forms = {form for _, value in rows for form in (value, decoded(value))}
        self._values = KnownValues(rows)
        people = (decoded(value) for kind, value in rows if kind is EntityType.PERSON_NAME)
        self._people = KnownNames(fold(name) for name in people if len(name) > 1)

    def is_left_in_texts(self, found: Sequence[Leaf]) -> bool:
        """Whether a value that is long enough to be looked for stands in one of these strings and numbers."""
        texts = {plain_number(leaf.value) if leaf.is_number else self._searched(leaf.value) for leaf in found}
        return any(self._holds(text) for text in _read(texts))

    def is_left_in_names(self, names: set[str]) -> bool:
        """Whether one of these names of fields is a value, or holds one."""
        read = _read(names)
        return not self._forms.isdisjoint(read) or any(self._holds(name) or self._mentions(name) for name in read)

    def is_left_unread(self, found: Sequence[Leaf]) -> bool:
        """Whether a person is named in one of these strings, which nobody may change."""
        return any(self._mentions(text) for text in _read({self._searched(leaf.value) for leaf in found}))

    def _searched(self, text: str) -> str:
        return without_stand_ins(text, self._kinds)

    def _holds(self, text: str) -> bool:
        return next(self._values.find(text), None) is not None

    def _mentions(self, text: str) -> bool:
        folded = fold(text)
        return any(is_mentioned(folded, name) for name in self._people.within(folded))


def names_of_fields(text: str, found: Sequence[Leaf]) -> Iterator[str]:
    """The names of all fields of a JSON text with these leaves, and of JSON within its strings.

    Also of those that hold nothing, or stand in an object twice.
    """
    for match in _STRING.finditer(text):
        if match[2]:
            yield json.loads(f'"{match[1]}"')
    for leaf in found:
        if leaf.inside is not None:
            yield from names_of_fields(leaf.value, leaf.inside)


def _read(texts: set[str]) -> set[str]:
    """The texts as they are written, and as they are read."""
    return texts | {decoded(unescaped(text)) for text in texts}
