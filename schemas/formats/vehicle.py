"""Chinese number plates and vehicle identification numbers."""

import re
import string
from random import Random

from schemas.formats.draw import LETTERS, chars, digits, weighted
from schemas.formats.format import HAN, Format, keep_start, same_form

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_CHAR = "[0-9A-HJ-NP-Z]"  # I and O are not issued
_ENERGY = "[A-HJK]"  # D A B C E: battery electric, F G H J K: other new energy
_SEQUENCE = "|".join(
    (
        rf"{_ENERGY}{_CHAR}[0-9]{{4}}",  # small new-energy vehicle
        rf"[0-9]{{5}}{_ENERGY}",  # large new-energy vehicle
        rf"(?=(?:[A-Z]{{0,2}}[0-9]){{3}}){_CHAR}{{5}}",  # at most two letters
        rf"(?=(?:[A-Z]{{0,2}}[0-9]){{2}}){_CHAR}{{4}}[挂学警港澳领]",
    )
)
PLATE = rf"[{_PROVINCES}] ?[A-HJ-NP-Z](?: ?[·•・‧.] ?|[ -])?(?:{_SEQUENCE})"
"""Regex of plates by GA 36-2018, without embassy plates; letters in upper case."""
EMBASSY_PLATE = r"使 ?[0-9]{3}[ ·]?[0-9]{3}|[0-9]{3}[ ·]?[0-9]{3} ?使"
"""Regex of embassy plates, old and new form."""
VIN = "(?=(?:[0-9]{0,16}[A-Za-z]){3})[0-9A-HJ-NPR-Za-hj-npr-z]{13}[0-9]{4}"
"""Regex of vehicle identification numbers as they are issued: three letters or more, the last four are digits."""

_LAX_PLATE = (
    rf"(?i:{PLATE})(?![A-Za-z])|{PLATE}|{EMBASSY_PLATE}"
    rf"|[{_PROVINCES}] ?[A-Z](?:[ ·•・‧.-]{{0,3}}[0-9A-Z临]){{4,6}}[㐀-鿿]?"
    r"|(?=[^0-9]*[0-9])(?:[㐀-鿿]{1,2}[ ·•・‧]?)?[0-9A-Z](?:[ ·•・‧.-]{0,3}[0-9A-Z]){3,9}[㐀-鿿]?"
)
_LAX_VIN = "[0-9A-Za-z]{17}|(?=(?:[^0-9]*[0-9]){4})[0-9A-Z](?:[ -]{0,2}[0-9A-Z]){5,19}"
_ANY_PLATE = re.compile(rf"{PLATE}|{EMBASSY_PLATE}")
_ANY_VIN = re.compile(r"[0-9A-HJ-NPR-Z]{17}")
_VIN_ALPHABET = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_VIN_VALUES = dict(zip(_VIN_ALPHABET, [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10), *range(10)], strict=True))
_VIN_LETTERS = str.maketrans("IOQioq", "JPRjpr")
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_PLACE = 8
"""Where the check digit stands; its weight is 0."""
_VIN_MAKERS = "LSV LFV LBV LGX LSG LVS LHG LDC LE4 LRW LGB LVG WBA WDD 1HG JTD 5YJ WVW".split()


def is_plate(value: str) -> bool:
    """Whether a folded value has the form of a Chinese number plate (GA 36-2018)."""
    return bool(_ANY_PLATE.fullmatch(value.upper()))


def is_vin(value: str) -> bool:
    """Check form and check digit of a folded vehicle identification number (ISO 3779, GB 16735-2019).

    Only North America and China mandate the check digit: a European number may fail although it is real.
    """
    number = re.sub(r"[\s-]", "", value).upper()
    return bool(_ANY_VIN.fullmatch(number)) and number[_VIN_PLACE] == _vin_digit(number)


def _vin_digit(number: str) -> str:
    total = sum(_VIN_VALUES[char] * weight for char, weight in zip(number, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11]


def plate(random: Random) -> str:
    """A number plate (GA 36-2018): ordinary, new-energy, and the special endings; some have too many letters."""
    head = random.choice(_PROVINCES) + random.choice(LETTERS)
    kind = weighted(random, {"plain": 9, "small": 4, "large": 1, "special": 1.5, "embassy": 0.4})
    tail = chars(random, string.digits * 3 + LETTERS, 5)
    if kind == "small":
        energy = random.choice("DFABCEGHJK")
        tail = energy + chars(random, string.digits + LETTERS, 1) + chars(random, string.digits, 4)
    elif kind == "large":
        tail = chars(random, string.digits, 5) + random.choice("DF")
    elif kind == "special":
        tail = tail[:4] + random.choice("警学挂") if random.random() < 0.8 else tail[:4] + random.choice("港澳")
    elif kind == "embassy":
        return "使" + digits(random, 6)
    return head + random.choices(["", "·", " ", "-"], weights=[14, 4, 2, 1])[0] + tail


def vin(random: Random) -> str:
    """A vehicle identification number (ISO 3779) with its check digit, as GB 16735-2019 asks."""
    body = random.choice(_VIN_MAKERS) + chars(random, _VIN_ALPHABET, 5) + "0"
    body += chars(random, _VIN_ALPHABET[-13:], 2) + digits(random, 6)
    return body[:_VIN_PLACE] + _vin_digit(body) + body[_VIN_PLACE + 1 :]


def _like_plate(value: str, random: Random) -> str:
    """Keeps the province, and the ending that says what kind of plate it is."""
    other = keep_start(1)(value, random)
    return "".join(old if HAN.match(old) else new for old, new in zip(value, other, strict=True))


PLATE_FORMAT = Format(plate, is_plate, like=_like_plate, form=_LAX_PLATE)


def _like_vin(value: str, random: Random) -> str:
    """Keeps to the letters of a VIN, and computes the check digit."""
    other = same_form(value, random).translate(_VIN_LETTERS)
    if not _ANY_VIN.fullmatch(other.upper()):
        return other
    return other[:_VIN_PLACE] + _vin_digit(other.upper()) + other[_VIN_PLACE + 1 :]


VIN_FORMAT = Format(vin, is_vin, like=_like_vin, form=_LAX_VIN)
