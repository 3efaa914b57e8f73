"""Made-up values that keep the form of the real ones, and their check digits."""

from collections.abc import Mapping
from random import Random

from schemas.formats.format import HAN, Like, same_form
from schemas.formats.identity import COUNTIES
from schemas.formats.registry import FORMATS
from schemas.taxonomy import EntityType
from schemas.text.fold import fold
from serving.redaction.linking import normal_form
from serving.redaction.surrogate_names import LAST_NAMES, fitting_name, name

_ROADS = "人民 解放 中山 建设 和平 文化 新华 长江 黄河 胜利 学府 滨江".split()
_FULL_WIDTH = ord("Ａ") - ord("A")
_CHARACTERS, _IDEOGRAPHS = 4, 2
"""Letters and digits, or Chinese characters, that a surrogate must have so that no text holds it by chance."""


def surrogate(kind: EntityType, value: str, random: Random, *, by_surname: bool = False, longer: bool = False) -> str:
    """A made-up value in the form of `value`: letters for letters, digits for digits, a name for a name.

    Where the check of the type holds for `value` it holds for the surrogate, unless none is found in 3,000 tries.
    A name `by_surname` has a surname of two characters, which can stand alone, and a `longer` one a character or word
    more than `value`.
    """
    folded = fold(value)
    if kind in FORMATS:
        made_up = FORMATS[kind].surrogate(folded, random)
    elif kind == EntityType.PERSON_NAME:
        made_up = name(folded, random, by_surname=by_surname, longer=longer)
    else:
        made_up = _WORDS.get(kind, same_form)(folded, random)
    if len(made_up) != len(value) or kind in _WORDS:
        return made_up
    return "".join(old if old.isspace() else _as_wide(old, char) for old, char in zip(value, made_up, strict=True))


def fitting_surrogate(kind: EntityType, value: str, base: str, base_surrogate: str, random: Random) -> str:
    """The made-up value that is to `base_surrogate` what `value` is to `base`: another spelling, or a part of the name.

    Empty where there is none.
    """
    if kind == EntityType.PERSON_NAME:
        return fitting_name(value, base, base_surrogate, random)
    spelled = _spelled(value, base_surrogate)
    return spelled if spelled and normal_form(kind, spelled) == normal_form(kind, base_surrogate) else ""


def is_distinct(kind: EntityType, made_up: str, value: str) -> bool:
    """Whether `made_up` is another value than `value`, and long enough to be told from other words and numbers."""
    if not made_up or normal_form(kind, made_up) == normal_form(kind, value):
        return False
    old = fold(value) if len(made_up) == len(value) else " " * len(made_up)
    both = zip(fold(made_up), old, strict=True)  # a zero stays as it is, and tells nothing
    characters = [char for char, before in both if char.isascii() and char.isalnum() and not char == before == "0"]
    if len(characters) > _CHARACTERS or (len(characters) == _CHARACTERS and any(map(str.isalpha, characters))):
        return True
    return kind not in FORMATS and len(HAN.findall(made_up)) >= _IDEOGRAPHS


def _spelled(value: str, other: str) -> str:
    """The letters and digits of `other` in the spelling of `value`: its separators, width, case and country code."""
    characters = list(filter(str.isalnum, fold(other)))
    spelled = [_like(char, characters.pop()) if char.isalnum() and characters else char for char in reversed(value)]
    return "".join(reversed(spelled))


def _like(char: str, other: str) -> str:
    """`other` in the case and width of `char`."""
    folded = fold(char)
    cased = other.lower() if folded.islower() else other.upper() if folded.isupper() else other
    return _as_wide(char, cased if len(cased) == 1 else other)


def _as_wide(char: str, other: str) -> str:
    """`other` in full width where `char` is."""
    return chr(ord(other) + _FULL_WIDTH) if "！" <= char <= "～" and "!" <= other <= "~" else other


def _address(value: str, random: Random) -> str:
    if not HAN.search(value):
        return f"{random.randint(1, 999)} {random.choice(LAST_NAMES)} Street"
    _, county = random.choice(COUNTIES)
    return f"{county}{random.choice(_ROADS)}路{random.randint(1, 299)}号"


_WORDS: Mapping[EntityType, Like] = {EntityType.ADDRESS: _address}
"""How values without a format, which are made of words, are made up."""
