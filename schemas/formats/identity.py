"""Identity card numbers: mainland China, Hong Kong, Macau, Taiwan."""

import re
import string
from datetime import date
from random import Random

from stdnum.cn import ric

from schemas.formats.dates import birth_date
from schemas.formats.draw import chars, digits, groups
from schemas.formats.format import Format, same_form

RESIDENT_ID = "[1-9](?:[ -]?[0-9]){16}[ -]?[0-9Xx]"
"""Regex of resident ID numbers, in groups or not."""
HONG_KONG_ID = r"[A-Z]{1,2}[0-9]{6}\([0-9A]\)"
"""Regex of Hong Kong identity card numbers with their check digit in parentheses."""
PLAIN_ID = "[0-9]{15}|[A-Z]{1,2}[0-9]{6}[0-9A]|[A-Z][1289][0-9]{8}"
"""Regex of resident ID numbers of before 1999, Hong Kong numbers without parentheses, Taiwan's numbers."""
_ANY_ID = (
    "(?![0-9]{11}(?![0-9]))(?![DEGKPS][0-9]{8}(?![0-9]))"  # neither a mobile number nor a passport
    rf"(?:{RESIDENT_ID}|[A-Za-z]{{0,3}}(?:[ .-]{{0,2}}[0-9]){{6,20}}(?: ?\([0-9A-Z]\)|[A-Z](?![A-Za-z]))?)"
)

COUNTIES = (
    ("110105", "北京市朝阳区"),
    ("310104", "上海市徐汇区"),
    ("320505", "江苏省苏州市虎丘区"),
    ("330106", "浙江省杭州市西湖区"),
    ("350203", "福建省厦门市思明区"),
    ("370202", "山东省青岛市市南区"),
    ("420106", "湖北省武汉市武昌区"),
    ("430102", "湖南省长沙市芙蓉区"),
    ("440305", "广东省深圳市南山区"),
    ("510107", "四川省成都市武侯区"),
    ("610113", "陕西省西安市雁塔区"),
    ("210202", "辽宁省大连市中山区"),
)
"""A few counties: division code (GB/T 2260) and full name."""
_PROVINCES = {
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"),
    *("71", "81", "82", "83"),
}
_EARLIEST_BIRTH = date(1900, 1, 1)
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_RESIDENT_OLD = re.compile(r"[0-9]{15}")
_HONG_KONG = re.compile(r"[A-Z]{1,2}[0-9]{6}[0-9A]")
_TAIWAN = re.compile(r"[A-Z][1289][0-9]{8}")
_TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"  # A is 10, B is 11, ..., O is 35
_RESIDENT_IN_GROUPS = re.compile(r"(?:\d[ -]?){17}[\dXx]")


def is_identity_card(value: str) -> bool | None:
    """Check a folded identity card number; None for a form that none of the three issuers uses."""
    number = re.sub(r"[\s().·-]", "", value).upper()
    if _RESIDENT.fullmatch(number):
        return is_resident_id(number)
    if _RESIDENT_OLD.fullmatch(number):
        return _is_issued_in(number) and _is_birth_date("19" + number[6:12])
    if _HONG_KONG.fullmatch(number):
        return _is_hong_kong_id(number)
    if _TAIWAN.fullmatch(number):
        return _is_taiwan_id(number)
    return None


def is_resident_id(number: str) -> bool:
    """Check 17 digits and a check character (GB 11643-1999): province, birth date, ISO 7064 MOD 11-2.

    The county is not looked up: codes change over the years. The permanent residence card of foreigners
    (2023 form) has the same check; it begins with 9 and the province.
    """
    return has_resident_form(number) and number[-1] == ric.calc_check_digit(number)


def has_resident_form(number: str) -> bool:
    """Whether 17 digits and a check character, right or wrong, name a province and a birth date."""
    return bool(_RESIDENT.fullmatch(number)) and _is_issued_in(number) and _is_birth_date(number[6:14])


def _is_issued_in(number: str) -> bool:
    return number[:2] in _PROVINCES or (number[0] == "9" and number[1:3] in _PROVINCES)


def _is_birth_date(number: str) -> bool:
    try:
        born = date(int(number[:4]), int(number[4:6]), int(number[6:]))
    except ValueError:
        return False
    return _EARLIEST_BIRTH <= born <= date.today()


def _is_hong_kong_id(number: str) -> bool:
    """Weighted sum modulo 11; letters count from A = 10, a missing first letter counts 36."""
    values = [int(char, 36) for char in number]
    padded = values if len(values) == 9 else [36, *values]
    return sum(value * weight for value, weight in zip(padded, range(9, 0, -1), strict=True)) % 11 == 0


def _is_taiwan_id(number: str) -> bool:
    """Weighted sum modulo 10; the letter counts as two digits."""
    letter = _TAIWAN_LETTERS.index(number[0]) + 10
    values = [letter // 10, letter % 10, *map(int, number[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) % 10 == 0


def county(random: Random) -> str:
    """The six-digit division code of a county."""
    return random.choice(COUNTIES)[0]


def resident_id(random: Random, county: str, birth: date) -> str:
    """A resident ID number (GB 11643-1999, MOD 11-2) of `county` (six digits) and `birth`, plain or in groups."""
    body = f"{county}{birth:%Y%m%d}{chars(random, string.digits, 3)}"
    number = body + ric.calc_check_digit(body)
    forms = [number] * 16 + [groups(number, [6, 8, 4], " "), groups(number, [6, 4, 4, 4], " ")]
    return random.choice([*forms, groups(number, [6, 8, 4], "-"), number.lower()])


def old_resident_id(random: Random, county: str, birth: date) -> str:
    """A fifteen-digit resident ID number as issued before 1999."""
    return f"{county}{birth:%y%m%d}{chars(random, string.digits, 3)}"


def other_identity_card(random: Random) -> str:
    """A Hong Kong, Macau or Taiwan identity card number (form only)."""
    hong_kong = f"{random.choice(string.ascii_uppercase)}{digits(random, 6)}({random.choice('0123456789A')})"
    macau = f"{random.choice('157')}{digits(random, 6)}({random.randint(0, 9)})"
    taiwan = f"{random.choice(string.ascii_uppercase)}{random.choice('12')}{digits(random, 8)}"
    return random.choice([hong_kong, macau, taiwan])


def _like(value: str, random: Random) -> str:
    """Another county, birth date and check character in the same groups; a check character X stays one."""
    if not _RESIDENT_IN_GROUPS.fullmatch(value):
        return same_form(value, random)
    area = county(random)
    born = f"{random.randint(1950, 2005)}{random.randint(1, 12):02}{random.randint(1, 28):02}"
    check = value[-1] if value[-1] in "xX" else random.choice(string.digits)
    number = iter(f"{area}{born}{random.randint(1, 999):03}{check}")
    return "".join(next(number) if char.isalnum() else char for char in value)


IDENTITY_CARD_FORMAT = Format(
    lambda random: resident_id(random, county(random), birth_date(random)),
    is_identity_card,
    like=_like,
    groupings=((6, 8, 4), (6, 4, 4, 4)),
    form=_ANY_ID,
)
