"""Made-up values that keep the form of the real ones, and their check digits."""

from collections.abc import Mapping
from random import Random

from schemas.formats.format import GIVEN_CHARACTERS, HAN, Like, same_form
from schemas.formats.identity import COUNTIES
from schemas.formats.registry import FORMATS
from schemas.taxonomy import EntityType

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_FIRST = (
    "Alex Anna Ben Carla David Emma Felix Grace Henry Irene James Kate Leo Maria Nina Oscar Paula Ruth Simon Tina"
).split()
_LAST = (
    "Adams Baker Clark Davis Evans Foster Green Harris Irving Jones King Lewis Moore Norris Owens Parker Reed Scott"
).split()
_ROADS = "人民 解放 中山 建设 和平 文化 新华 长江 黄河 胜利 学府 滨江".split()


def surrogate(kind: EntityType, value: str, random: Random) -> str:
    """A made-up value in the form of `value`: letters for letters, digits for digits, a name for a name.

    Where the check of the type holds for `value` it holds for the surrogate, unless none is found in 3,000 tries.
    """
    if kind in FORMATS:
        return FORMATS[kind].surrogate(value, random)
    return _WORDS.get(kind, same_form)(value, random)


def _name(value: str, random: Random) -> str:
    if HAN.search(value):
        rest = "".join(char if not HAN.match(char) else random.choice(GIVEN_CHARACTERS) for char in value[1:])
        return random.choice(_SURNAMES) + rest
    words = [random.choice(_FIRST), *(random.choice(_LAST) for _ in value.split()[1:])]
    name = " ".join(words)
    return name.upper() if value.isupper() else name.lower() if value.islower() else name


def _address(value: str, random: Random) -> str:
    if not HAN.search(value):
        return f"{random.randint(1, 999)} {random.choice(_LAST)} Street"
    _, county = random.choice(COUNTIES)
    return f"{county}{random.choice(_ROADS)}路{random.randint(1, 299)}号"


_WORDS: Mapping[EntityType, Like] = {EntityType.PERSON_NAME: _name, EntityType.ADDRESS: _address}
"""How values without a format, which are made of words, are made up."""
