"""Checks of card, account, tax and wallet numbers."""

import re

from stdnum import bitcoin, iban, luhn
from stdnum.cn import uscc

from serving.engines.rules.identity import is_resident_id

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
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_USCC = re.compile(r"[1-9ANY][1-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_ETHEREUM = re.compile(r"0x[0-9A-Fa-f]{40}")
_BECH32_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_TAPROOT = re.compile(rf"bc1p[{_BECH32_LETTERS}]{{10,86}}")
_BC_EXPANDED = (3, 3, 0, 2, 3)  # "bc" as BIP 173 expands it
_BECH32M = 0x2BC830A3


def is_card(value: str) -> bool:
    """Check a folded payment card number: issuer range with its lengths, ISO/IEC 7812-1 (Luhn) check digit."""
    number = re.sub(r"[\s.-]", "", value)
    if not re.fullmatch(r"[0-9]{13,19}", number):
        return False
    in_range = any(prefix.match(number) and len(number) in lengths for prefix, lengths in _CARD_RANGES)
    return in_range and luhn.is_valid(number)


def is_account(value: str) -> bool | None:
    """Check a folded bank account number that has the form of an IBAN (ISO 13616); None for others."""
    number = re.sub(r"[\s.-]", "", value).upper()
    return iban.is_valid(number, check_country=False) if _IBAN.fullmatch(number) else None


def is_tax_number(value: str) -> bool | None:
    """Check a folded tax number of 18 characters; None for other lengths.

    It is a unified social credit code (GB 32100-2015, MOD 31-3) or, for natural persons, the resident ID number.
    """
    number = re.sub(r"[\s.-]", "", value).upper()
    if len(number) != 18:
        return None
    if re.fullmatch(r"[0-9]{17}[0-9X]", number) and is_resident_id(number):
        return True
    return bool(_USCC.fullmatch(number)) and uscc.calc_check_digit(number[:-1]) == number[-1]


def is_wallet(value: str) -> bool | None:
    """Check a folded Bitcoin address (base58check, BIP 173, BIP 350); None for Ethereum, whose form has no check.

    False for what is neither.
    """
    if _ETHEREUM.fullmatch(value):
        return None
    if _TAPROOT.fullmatch(value.lower()) and (value.islower() or value.isupper()):
        data = [_BECH32_LETTERS.index(char) for char in value.lower()[3:]]
        return bitcoin.bech32_checksum([*_BC_EXPANDED, *data]) == _BECH32M
    return bitcoin.is_valid(value)
