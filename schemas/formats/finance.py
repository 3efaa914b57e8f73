"""Numbers of payment cards, bank accounts and taxpayers."""

import re
import string
from random import Random

from stdnum import iban as iban_standard
from stdnum import luhn
from stdnum.cn import uscc

from schemas.formats.draw import chars, groups
from schemas.formats.format import Format, keep_start
from schemas.formats.identity import county, has_resident_form, is_resident_id

_ISSUERS = "(?=[4-6]|2[2-7]|3[04-7]|95)"
CARD = _ISSUERS + "(?:{})".format(
    "|".join(
        (
            "[0-9]{14,19}",
            "[0-9]{4}(?P<gap>[ -])[0-9]{4}(?P=gap)[0-9]{4}(?P=gap)[0-9]{4}(?:(?P=gap)[0-9]{1,3})?",
            "[0-9]{4}(?P<wide>[ -])[0-9]{6}(?P=wide)[0-9]{4,5}",
            "[0-9]{6}[ -][0-9]{10,13}",
        )
    )
)
"""Regex of payment card numbers, in groups or not."""
SHORT_CARD = "4[0-9]{12}"
"""Regex of Visa's old numbers of 13 digits."""
IBAN = "(?=(?:[ -]?[A-Z0-9]){15})[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?"
"""Regex of IBANs (ISO 13616), in groups or not."""
USCC = "[1-9ANYany][1-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy][0-9]{6}[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{10}"
"""Regex of unified social credit codes (GB 32100-2015)."""
_ANY_CARD = "[0-9](?:[ .-]{0,3}[0-9]){11,18}"
_ANY_ACCOUNT = (
    r"[A-Z]{2}(?:[ -]?[0-9]){2}(?:[ -]?[A-Z0-9]){11,30}"
    r"|(?:[A-Za-z]{1,4}-?)?[0-9](?:[ -]{0,3}[0-9]){5,27}(?:[A-Z](?![A-Za-z]))?"
)
_ANY_TAX_NUMBER = (
    rf"{USCC}|[0-9]{{17}}[0-9Xx](?:[0-9]{{2}})?|(?=(?:[^0-9]*[0-9]){{4}})[0-9A-Z](?:[ .-]{{0,2}}[0-9A-Z]){{7,14}}"
)
_CARD_LENGTHS: tuple[tuple[str, frozenset[int]], ...] = (
    (r"62", frozenset(range(16, 20))),  # UnionPay
    (r"4", frozenset({13, 16, 19})),  # Visa
    (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", frozenset({16})),  # Mastercard
    (r"3[47]", frozenset({15})),  # American Express
    (r"35", frozenset({16})),  # JCB
    (r"30|36", frozenset({14, 16})),  # Diners Club
    (r"6011|65", frozenset(range(16, 20))),  # Discover
    (r"601382|601428|690755|9558|95595|95599", frozenset(range(16, 20))),  # BOC, BoCom, CMB, ICBC, CEB, ABC
)
_CARD_RANGES = tuple((re.compile(prefix), lengths) for prefix, lengths in _CARD_LENGTHS)
_CARD_PREFIXES = {
    "622202": 19, "622848": 19, "621700": 19, "621661": 19, "622588": 16, "621483": 16, "622622": 16, "622568": 19,
    "621226": 19, "622180": 19, "622908": 18, "623058": 19, "436742": 19, "625965": 16, "356833": 16, "4": 16, "51": 16,
    "53": 16, "55": 16, "37": 15, "6011": 16, "621799": 19, "622260": 19, "621462": 19, "621467": 19, "622690": 16,
    "622630": 16,
}  # fmt: skip
"""Issuers' prefixes (ISO/IEC 7812-1) and the lengths of their numbers, debit and credit."""
_PLAIN_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_USCC = re.compile(USCC)
_USCC_ORGANISATION = "0123456789ABCDEFGHJKLMNP"
"""Characters from which the organisation's part of a made-up credit code is drawn."""


def is_card(value: str) -> bool:
    """Check a folded payment card number: issuer range with its lengths, ISO/IEC 7812-1 (Luhn) check digit.

    A number that names a province and a birth date is a resident ID number, with a wrong digit perhaps.
    """
    number = re.sub(r"[\s.-]", "", value)
    if not re.fullmatch(r"[0-9]{13,19}", number) or has_resident_form(number):
        return False
    in_range = any(prefix.match(number) and len(number) in lengths for prefix, lengths in _CARD_RANGES)
    return in_range and luhn.is_valid(number)


def is_account(value: str) -> bool | None:
    """Check a folded bank account number that has the form of an IBAN (ISO 13616); None for others."""
    number = re.sub(r"[\s.-]", "", value).upper()
    return iban_standard.is_valid(number, check_country=False) if _PLAIN_IBAN.fullmatch(number) else None


def is_tax_number(value: str) -> bool | None:
    """Check a folded tax number of 18 characters; None for other lengths.

    It is a unified social credit code (GB 32100-2015, MOD 31-3) or, for natural persons, the resident ID number. One
    in 31 resident ID numbers with a wrong digit would pass for such a code, and does not count.
    """
    number = re.sub(r"[\s.-]", "", value).upper()
    if len(number) != 18:
        return None
    if has_resident_form(number):
        return is_resident_id(number)
    return bool(_USCC.fullmatch(number)) and uscc.calc_check_digit(number[:-1]) == number[-1]


def bank_card(random: Random) -> str:
    """A payment card number that passes the Luhn check (ISO/IEC 7812-1), plain or in groups."""
    prefix = random.choice(list(_CARD_PREFIXES))
    body = prefix + chars(random, string.digits, _CARD_PREFIXES[prefix] - len(prefix) - 1)
    number = body + luhn.calc_check_digit(body)
    forms = [number] * 5 + [groups(number, [4], " ")] * 3
    return random.choice([*forms, groups(number, [4], "-"), groups(number, [6, 20], " ")])


def bank_account(random: Random) -> str:
    """An account number of a Chinese bank, 9 to 22 digits, plain or in groups."""
    number = random.choice(["1", "0", "3", "4", "5", "8"])
    number += chars(random, string.digits, random.choice([8, 11, 14, 16, 17, 18, 19, 21]))
    return random.choice([number] * 4 + [groups(number, [4], " "), groups(number, [4, 4, 11], "-")])


def iban(random: Random) -> str:
    """An IBAN (ISO 13616) with its check digits."""
    country, bban = random.choice(
        [
            ("DE", chars(random, string.digits, 18)),
            ("GB", chars(random, "ABCDLNRW", 4) + chars(random, string.digits, 14)),
            ("FR", chars(random, string.digits, 23)),
            ("NL", chars(random, "ABINGR", 4) + chars(random, string.digits, 10)),
        ]
    )
    number = country + iban_standard.calc_check_digits(f"{country}00{bban}") + bban
    return random.choice([number, groups(number, [4], " ")])


def tax_number(random: Random, county: str) -> str:
    """A unified social credit code (GB 32100-2015, MOD 31-3) or a taxpayer number of 15 digits; `county` are six."""
    if random.random() < 0.15:
        return county + chars(random, string.digits, 8) + random.choice(string.digits + "XAB")
    kind = random.choice(["91", "91", "91", "92", "93", "12", "51", "11"])
    body = kind + county + chars(random, string.digits, 2)
    body += random.choice(["MA", chars(random, string.digits, 2)])
    body += chars(random, _USCC_ORGANISATION, 4) + random.choice(string.digits)
    return body + str(uscc.calc_check_digit(body))


CARD_FORMAT = Format(bank_card, is_card, like=keep_start(6), groupings=((4,),), form=_ANY_CARD)
ACCOUNT_FORMAT = Format(bank_account, is_account, like=keep_start(2), groupings=((4,), (3, 4)), form=_ANY_ACCOUNT)
TAX_FORMAT = Format(lambda random: tax_number(random, county(random)), is_tax_number, form=_ANY_TAX_NUMBER)
