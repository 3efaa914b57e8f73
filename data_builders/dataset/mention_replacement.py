"""Mention replacement: the values of an example replaced by others of the same form."""

import random
import re
import string
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from data_builders.splits import Split
from data_builders.synth.names.chinese import COMPOUND_SURNAMES, ONE_CHARACTER_SURNAMES, chinese_name, surname
from data_builders.synth.names.given import given_character
from data_builders.synth.sampling import Partition
from schemas.formats.registry import FORMATS
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType
from schemas.text.fold import fold

Value = tuple[EntityType, str]
"""A type and the characters of a value."""

_KEPT = frozenset({EntityType.DATE_TIME, EntityType.AGE, EntityType.GENDER, EntityType.JOB_TITLE, EntityType.URL})
"""Types whose values stay: there are few of them, or they say what the others must be."""
_HAN = re.compile(r"[\u4e00-\u9fff]")
_CHINESE_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")
_FAMILIAR = re.compile(r"[小老阿][\u4e00-\u9fff]")
_BETWEEN = re.compile(r"[\s·•．‧・.,‹<-]+")
"""What stands between the parts of a name."""
_MARKS = "\"'\\@:/·.-_‹<"
_MOST_HAN, _MOST_PARTS = 5, 4
"""Characters and parts from which on values count as equally long."""
_TRIES = 30
_SURNAMES = frozenset(ONE_CHARACTER_SURNAMES)
_MADE = Partition(Split.TRAIN)
"""What made names belong to: none of them is one of a synthetic test."""


def replace_mentions(
    examples: Sequence[Example], share: float, seed: int | str, mentions: "Mentions | None" = None
) -> Iterator[Example]:
    """Yield the examples with about a `share` of their different values replaced by others of the same type and form.

    A model learns contexts from them, not values: mention replacement of Dai and Adel 2020, "An Analysis of Simple Data
    Augmentation for Named Entity Recognition", https://aclanthology.org/2020.coling-main.343. A number gets other
    digits in its own form; a name or another value of words becomes a value of the corpus or, for Chinese names, a made
    one half of the time. A value that occurs twice in an example becomes the same other value, and the parts by which a
    text names a person again follow the whole name. The other values are those of `mentions`, or of the examples.
    """
    pools = mentions or Mentions(examples)
    rng = random.Random(seed)
    for example in examples:
        text = example.document.text
        values = dict.fromkeys((entity.type, text[entity.start : entity.end]) for entity in example.entities)
        yield _with_values(example, _Replacement(pools, rng).of(values, share), seed)


class Mentions:
    """The values of a corpus by type and form."""

    def __init__(self, examples: Iterable[Example]) -> None:
        pools: defaultdict[tuple[EntityType, object], dict[str, None]] = defaultdict(dict)
        for example in examples:
            for entity in example.entities:
                value = example.document.text[entity.start : entity.end]
                pools[entity.type, _form(value)][value] = None
        self._pools = {key: list(values) for key, values in pools.items()}

    def draw(self, kind: EntityType, value: str, rng: random.Random) -> str:
        """A value of the type in the form of `value`, which may be `value` itself."""
        return rng.choice(self._pools[kind, _form(value)])


def _form(value: str) -> object:
    """What another value must share with `value` to stand at its place: scripts, length, case, and the marks in it."""
    marks = (*(mark in value for mark in _MARKS), any(map(str.isspace, value)), value[0] in "小老阿")
    scripts = frozenset(map(_script, filter(str.isalpha, value)))
    parts = min(len(_BETWEEN.split(value)), _MOST_PARTS)
    length = min(len(_HAN.findall(value)), _MOST_HAN)
    return scripts, value.isdigit(), value.islower(), value.isupper(), marks, parts, length


def _script(letter: str) -> str:
    """The script of a letter, as its name in Unicode begins: LATIN, CJK, HANGUL."""
    return unicodedata.name(letter, "").partition(" ")[0]


class _Replacement:
    """Other values for the values of one example."""

    def __init__(self, pools: Mentions, rng: random.Random) -> None:
        self._pools = pools
        self._rng = rng
        self._names: dict[str, str] = {}

    def of(self, values: Iterable[Value], share: float) -> dict[Value, str]:
        """Each value with the one that stands for it; persons are replaced all together or not at all."""
        persons = self._rng.random() < share
        longest_first = sorted(values, key=lambda value: -len(value[1]))
        chosen = {}
        for kind, value in longest_first:
            if kind in _KEPT:
                chosen[kind, value] = value
            elif kind is EntityType.PERSON_NAME:
                chosen[kind, value] = self._names[value] = self._name(value) if persons else value
            else:
                chosen[kind, value] = self._other(kind, value) if self._rng.random() < share else value
        return chosen

    def _other(self, kind: EntityType, value: str) -> str:
        if kind in FORMATS and (not kind.info.in_words or any(map(str.isdigit, value))) and self._rng.random() < 0.7:
            made_up, form = FORMATS[kind].surrogate(value, self._rng), FORMATS[kind].form
            return made_up if not form or re.fullmatch(form, fold(made_up)) else value
        return self._pools.draw(kind, value, self._rng)

    def _name(self, value: str) -> str:
        for whole, other in self._names.items():
            if part := _part(value, whole, other):
                return part
        if len(value) == 1:
            return self._surname() if _HAN.match(value) else self._initial(value)
        if _FAMILIAR.fullmatch(value):
            return value[0] + (given_character(self._rng) if value[0] == "阿" else self._surname())
        if value[:2] in COMPOUND_SURNAMES:
            return self._compound_name(len(value) - 2)
        if _HAN.search(value) and self._rng.random() < 0.5:
            return self._made_name(value)
        return self._pools.draw(EntityType.PERSON_NAME, value, self._rng)

    def _compound_name(self, given: int) -> str:
        """A surname of two characters with `given` ones behind it."""
        surnames = [one for one in COMPOUND_SURNAMES if len(one) == 2]
        while True:
            name = self._rng.choice(surnames) + "".join(given_character(self._rng) for _ in range(given))
            if not given or _MADE.admits(name):
                return name

    def _surname(self) -> str:
        """A surname of one character."""
        while len(name := surname(self._rng)) > 1:
            pass
        return name

    def _initial(self, value: str) -> str:
        """Another letter in the case of `value`; what is no Latin letter stays."""
        letters = string.ascii_uppercase if value.isupper() else string.ascii_lowercase
        return self._rng.choice(letters) if value.isascii() and value.isalpha() else value

    def _made_name(self, value: str) -> str:
        form = _form(value)
        for _ in range(_TRIES):
            name = chinese_name(self._rng).full
            if _form(name) == form and _MADE.admits(name):
                return name
        return self._pools.draw(EntityType.PERSON_NAME, value, self._rng)


def _part(value: str, whole: str, other: str) -> str:
    """What stands for `value` where `other` stands for `whole`, of which `value` is a part; empty where it is none."""
    if len(value) >= len(whole):
        return ""
    words, others = _BETWEEN.split(whole.casefold()), _BETWEEN.split(other)
    if len(words) == len(others) > 1 and value.casefold() in words:
        part = others[words.index(value.casefold())]
        return part.upper() if value.isupper() else part.lower() if value.islower() else part
    if not _CHINESE_NAME.fullmatch(whole) or len(whole) != len(other):
        return ""
    if value == whole[0]:
        return other[0] if other[0] in _SURNAMES else ""
    if _FAMILIAR.fullmatch(value) and value[1] in (whole[0], whole[-1]):
        called = other[0 if value[1] == whole[0] else -1]
        return value[0] + called if called in _SURNAMES or value[1] != whole[0] else ""
    if whole.startswith(value):
        return other[: len(value)]
    return other[-len(value) :] if whole.endswith(value) else ""


def _with_values(example: Example, chosen: dict[Value, str], seed: int | str) -> Example:
    text, parts, entities, end, length = example.document.text, [], [], 0, 0
    for entity in example.entities:
        value = chosen[entity.type, text[entity.start : entity.end]]
        start = length + entity.start - end
        entities.append(Entity(start, start + len(value), entity.type))
        parts += [text[end : entity.start], value]
        end, length = entity.end, start + len(value)
    document = Document(f"{example.document.id}-replaced-{seed}", "".join([*parts, text[end:]]))
    return Example(document, tuple(entities), example.source, example.family, example.annotated, example.slices)
