"""Made-up names of persons, and the parts of them by which a text calls a person."""

import re
from itertools import chain, repeat
from random import Random

from schemas.formats.format import GIVEN_CHARACTERS, HAN, same_form
from schemas.text.fold import fold
from serving.redaction.linking import LATIN_WORD, NICKNAMES, name_words, surname_of

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_LONG_SURNAMES = (
    "澹台 申屠 淳于 钟离 赫连 闾丘 亓官 巫马 公西 漆雕 乐正 壤驷 公良 宰父 谷梁 段干 羊舌 梁丘 颛孙 公冶 仲孙"
).split()
"""Surnames that can stand for one alone: long and rare, so that no other word or person of a text is taken for them."""
_FIRST_NAMES = (
    "Alberta Bartholomew Cordelia Dashiell Evangeline Ferdinand Gwendolyn Horatio Isadora Jedidiah Katarina Leopold "
    "Marguerite Nathaniel Octavia Percival Quentin Rosalind Sebastian Theodora Ulysses Valentina Winifred Xander"
).split()
LAST_NAMES = (
    "Abernathy Blackwood Carmichael Drummond Ellsworth Fairweather Gillespie Hathaway Ingersoll Jablonski Kavanagh "
    "Lindqvist Merriweather Norwood Ostrander Pemberton Quimby Rutherford Sutherland Thackeray Underhill Vandermeer "
    "Whitaker Yarborough"
).split()
"""English surnames that are no other words."""


def name(value: str, random: Random, *, by_surname: bool = False, longer: bool = False) -> str:
    """A made-up name of the same number of characters or words, or of one more where `longer`.

    A surname that stands alone has two characters.
    """
    if not HAN.search(value):
        names = chain([_FIRST_NAMES], repeat(LAST_NAMES))
        words = f"{fold(value)} xx" if longer else fold(value)
        made_up = LATIN_WORD.sub(lambda word: _as_long(word.group(), random.choice(next(names))), words)
        return made_up.upper() if value.isupper() else made_up.lower() if value.islower() else made_up
    if len(value) == 2 and value[0] in NICKNAMES:
        return value[0] + random.choice(_LONG_SURNAMES)
    surname = surname_of(value)
    alone = by_surname or len(value) == 1 or len(surname) > 1
    given = same_form(value[len(surname) :], random) + (random.choice(GIVEN_CHARACTERS) if longer else "")
    return random.choice(_LONG_SURNAMES if alone else _SURNAMES) + given


def fitting_name(value: str, base: str, made_up: str, random: Random) -> str:
    """What `value`, a part or spelling of the name `base` or a name of which that is a part, is called in `made_up`.

    `made_up` is the made-up name of `base`. Empty where it cannot be told.
    """
    return (_fitting_chinese if HAN.search(base) else _fitting_latin)(value, base, made_up, random)


def _fitting_chinese(value: str, base: str, made_up: str, random: Random) -> str:
    letters, whole, other = ("".join(filter(str.isalnum, text)) for text in (value, base, made_up))
    longer = len(other) - len(whole)  # the surname has become longer
    if longer < 0:
        return ""
    pieces = [other[: longer + 1], *other[longer + 1 :]]
    if letters in whole:
        start = whole.index(letters)
        fitting = pieces[start : start + len(letters)]
    elif whole in letters:
        start = letters.index(whole)
        fitting = [*_more(letters[:start], random), *pieces, *_more(letters[start + len(whole) :], random, given=True)]
    elif letters[0] in NICKNAMES and letters[1:] in whole:
        start = whole.index(letters[1:])
        fitting = [letters[0], *pieces[start : start + len(letters) - 1]]
    else:
        return ""
    remaining = iter(fitting)
    return "".join(next(remaining) if char.isalnum() else char for char in value)


def _more(letters: str, random: Random, *, given: bool = False) -> list[str]:
    """A piece of a name for each of `letters`, the first one a surname unless all are `given`."""
    made_up = [random.choice(GIVEN_CHARACTERS) for _ in letters]
    if letters and not given:
        made_up[0] = random.choice(_SURNAMES)
    return made_up


def _fitting_latin(value: str, base: str, made_up: str, random: Random) -> str:
    words = dict(zip(name_words(base), LATIN_WORD.findall(made_up), strict=False))
    initials = {word[0]: other[0] for word, other in words.items()}

    def fitting(match: re.Match[str]) -> str:
        word = match.group().casefold()
        return _in_case(match.group(), words.get(word) or initials.get(word) or random.choice(_FIRST_NAMES))

    return LATIN_WORD.sub(fitting, fold(value))


def _as_long(word: str, name: str) -> str:
    """`name`, or its initial where `word` is one."""
    return name if len(word) > 1 else name[0]


def _in_case(written: str, word: str) -> str:
    """`word` in the case of `written`."""
    return word.upper() if written.isupper() else word.lower() if written.islower() else word.title()
