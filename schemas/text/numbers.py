"""Numbers that are written with a fraction or an exponent where a whole number is meant."""

import re
from decimal import Decimal

_FLOAT = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")
_MOST_DIGITS = 40
"""Most digits of a number that is written out."""


def plain_number(text: str) -> str:
    """The digits of a whole number that is written with a fraction or an exponent; any other text as it is.

    Programs that know only numbers write 13800138000.0 or 1.3800138e10 where 13800138000 is meant.
    """
    number = text.strip()
    if number.isdigit() or not _FLOAT.fullmatch(number):
        return text
    value = Decimal(number)
    is_whole = value.adjusted() < _MOST_DIGITS and value == value.to_integral_value()
    return str(int(value)) if is_whole else text
