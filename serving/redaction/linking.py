"""Which mentions mean the same: the spellings of a value, and the parts of a name by which a text calls a person."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from schemas.formats.format import HAN
from schemas.formats.registry import FORMATS
from schemas.taxonomy import EntityType
from schemas.text.escapes import decoded
from schemas.text.fold import fold
from schemas.text.numbers import plain_number
from schemas.text.surnames import COMPOUND_SURNAMES

NICKNAMES = "小老阿"
"""What stands before a surname or the end of a given name: 小王, 阿强."""
_LONGEST_CHINESE = 4
_INTERPUNCTS = re.compile("[·・•‧∙･.]")
LATIN_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def normal_form(kind: EntityType, value: str) -> str:
    """The string by which two spellings of a value of `kind` are equal; never empty."""
    value = plain_number(decoded(value))
    if kind == EntityType.PERSON_NAME:
        words = name_words(value)
        return ("".join(words) if HAN.search(value) else " ".join(sorted(words))) or value
    if kind in FORMATS:
        return FORMATS[kind].normal_form(value) or value
    return "".join(fold(value).split()) or value


def name_words(name: str) -> list[str]:
    """The parts of a name in the letters by which they are compared: one of a Chinese name, more of others."""
    folded = fold(decoded(name))
    if HAN.search(folded):
        return list(filter(None, ("".join(part.split()).casefold() for part in _INTERPUNCTS.split(folded))))
    return [word.casefold() for word in LATIN_WORD.findall(folded)]


def surname_of(name: str) -> str:
    """The surname of a Chinese name without spaces: its first character, or the first two."""
    return name[:2] if name[:2] in COMPOUND_SURNAMES else name[:1]


def parts_of(name: str) -> set[str]:
    """The normal forms of the shorter names by which a text may call the person `name`.

    A Chinese name has its surname, its given name and nicknames: 林, 小满, 小林, 阿满 of 林小满. Any other one has its
    words, its first and last one, and the first one as an initial.
    """
    words = name_words(name)
    joined = "".join(words)
    parts = set(_chinese_parts(joined) if len(words) == 1 and HAN.match(joined) else _word_parts(words))
    return parts - {normal_form(EntityType.PERSON_NAME, name)}


def _chinese_parts(name: str) -> Iterator[str]:
    surname = surname_of(name)
    given = name[len(surname) :]
    if not given or len(name) > _LONGEST_CHINESE or name[0] in NICKNAMES:
        return
    yield surname
    yield from (f"{before}{part}" for before in NICKNAMES for part in (surname, given, given[-1]))
    if len(given) > 1:
        yield from (given, given[-2:])


def _word_parts(words: list[str]) -> Iterator[str]:
    if len(words) < 2:
        return
    yield from (word for word in words if len(word) > 1)
    for first in (words[0], words[0][:1]):
        pair = f"{first}{words[-1]}" if HAN.search(first) else f"{first} {words[-1]}"
        yield normal_form(EntityType.PERSON_NAME, pair)


class NameIndex:
    """Names that belong together, to look up whose part a shorter one is."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._spellings: dict[str, str] = {}
        self._wholes: dict[str, set[str]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Know `name` as well."""
        normal = normal_form(EntityType.PERSON_NAME, name)
        if normal not in self._spellings:
            self._spellings[normal] = name
            for part in parts_of(name):
                self._wholes.setdefault(part, set()).add(normal)

    def whole(self, name: str) -> str | None:
        """The one longer name, as it is written first, of which `name` is a part; None for none or several."""
        wholes = self._wholes.get(normal_form(EntityType.PERSON_NAME, name), set())
        longest = list(islice((whole for whole in wholes if not self._wholes.get(whole)), 2))
        return self._spellings[longest[0]] if len(longest) == 1 else None

    def calls_by_surname(self, name: str) -> bool:
        """Whether a name here is the surname of the Chinese `name` alone, or a nickname made of it."""
        surname = surname_of(normal_form(EntityType.PERSON_NAME, name))
        short = (surname, *(f"{before}{surname}" for before in NICKNAMES))
        return any(part in self._spellings and self.whole(part) == self._spelling(name) for part in short)

    def _spelling(self, name: str) -> str | None:
        return self._spellings.get(normal_form(EntityType.PERSON_NAME, name))
