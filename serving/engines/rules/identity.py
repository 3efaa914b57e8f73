"""Checks of identity card numbers: mainland China, Hong Kong, Taiwan."""

import re
from datetime import date

from stdnum.cn import ric

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
    return _is_issued_in(number) and _is_birth_date(number[6:14]) and number[-1] == ric.calc_check_digit(number)


def _is_issued_in(number: str) -> bool:
    return number[:2] in _PROVINCES or (number[0] == "9" and number[1:3] in _PROVINCES)


def _is_birth_date(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
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
