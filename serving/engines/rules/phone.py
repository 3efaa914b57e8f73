"""Check of phone numbers against the numbering plans (phonenumbers, Google's libphonenumber metadata)."""

import re

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, PhoneNumberType, is_possible_number, number_type

_PERSONAL = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
}
_FORM = re.compile(r"(?P<number>\(?[+0-9][0-9 .()‐–—−·-]*)(?:(?:转|分机|ext\.?|x|#) ?[0-9]{1,6})?", re.IGNORECASE)
_INTERNATIONAL = re.compile(r"\(?(?:\+|00)")
_CHINA = "86"
_WITH_CHINA = re.compile(r"860?[0-9]{10,11}")
_CHINESE = re.compile(r"0[0-9]+|1[0-9]{10}|[48]00[0-9]{7}|9[56][0-9]{5,6}")
_SHORTEST_CHINESE = 10  # area code of 2-3 digits and a subscriber number of 7-8; shorter ones are service numbers


def is_phone(value: str) -> bool | None:
    """Check a folded phone number, an extension allowed; without a country code it is read as Chinese.

    False for numbers outside the plan and for service numbers (400, 800, 95xxx, 12345, 110). None for what
    cannot be decided: a subscriber number without area code, another country's number without country code.
    """
    form = _FORM.fullmatch(value)
    if not form:
        return False
    digits = re.sub(r"[^0-9]", "", form["number"])
    if _INTERNATIONAL.match(value):
        return _is_in_plan(digits.removeprefix("00"))
    if _WITH_CHINA.fullmatch(digits):
        return _is_in_plan(digits)
    if len(digits) in range(7, 12) and not _CHINESE.fullmatch(digits):
        return None
    return _is_in_plan(_CHINA + digits)


def _is_in_plan(digits: str) -> bool:
    """Whether `digits`, country code first, are a personal number; a national prefix 0 may follow the code."""
    code = next((digits[:size] for size in (1, 2, 3) if int(digits[:size] or 0) in COUNTRY_CODE_TO_REGION_CODE), "")
    national = digits[len(code) :]
    if not code or not national or len(digits) > 16:
        return False
    if code == _CHINA and len(national.lstrip("0")) < _SHORTEST_CHINESE:
        return False
    zeros = {national.startswith("0"), False}  # in some countries the 0 is part of the number
    numbers = (PhoneNumber(int(code), int(national), italian_leading_zero=zero) for zero in zeros)
    return any(is_possible_number(number) and number_type(number) in _PERSONAL for number in numbers)
