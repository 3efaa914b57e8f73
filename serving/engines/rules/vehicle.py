"""Form of Chinese number plates and the check of vehicle identification numbers."""

import re

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
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
PLATE = rf"[{PROVINCES}] ?[A-HJ-NP-Z](?: ?[·•・‧.] ?|[ -])?(?:{_SEQUENCE})"
"""Regex of plates by GA 36-2018, without embassy plates; letters in upper case."""
EMBASSY_PLATE = r"使 ?[0-9]{3}[ ·]?[0-9]{3}|[0-9]{3}[ ·]?[0-9]{3} ?使"
"""Regex of embassy plates, old and new form."""
_ANY_PLATE = re.compile(rf"{PLATE}|{EMBASSY_PLATE}")
_VIN = re.compile(r"[0-9A-HJ-NPR-Z]{17}")
_VIN_VALUES = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "012345678912345678123457923456789"), strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def is_plate(value: str) -> bool:
    """Whether a folded value has the form of a Chinese number plate (GA 36-2018)."""
    return bool(_ANY_PLATE.fullmatch(value.upper()))


def is_vin(value: str) -> bool:
    """Check form and check digit of a folded vehicle identification number (ISO 3779, GB 16735-2019).

    Only North America and China mandate the check digit: a European number may fail although it is real.
    """
    number = re.sub(r"[\s-]", "", value).upper()
    if not _VIN.fullmatch(number):
        return False
    total = sum(_VIN_VALUES[char] * weight for char, weight in zip(number, _VIN_WEIGHTS, strict=True))
    return number[8] == "0123456789X"[total % 11]
