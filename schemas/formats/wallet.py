"""Addresses of crypto-currency wallets: Bitcoin, Ethereum, Tron."""

import re
from hashlib import sha256
from random import Random

from stdnum import bitcoin

from schemas.formats.draw import HEX, chars, weighted
from schemas.formats.format import Format, hexadecimal, same_form

BITCOIN = "[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[02-9ac-hj-np-z]{8,87}|BC1[02-9AC-HJ-NP-Z]{8,87}"
"""Regex of Bitcoin addresses: Base58Check, or Bech32 in one case."""
ETHEREUM = "0x[0-9A-Fa-f]{40}"
"""Regex of Ethereum addresses."""

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_TAPROOT = re.compile(rf"bc1p[{_BECH32}]{{10,86}}")
_BC_EXPANDED = (3, 3, 0, 2, 3)  # "bc" as BIP 173 expands it
_BECH32M = 0x2BC830A3


def is_wallet(value: str) -> bool | None:
    """Check a folded Bitcoin address (base58check, BIP 173, BIP 350); None for Ethereum, whose form has no check.

    False for what is neither.
    """
    if re.fullmatch(ETHEREUM, value):
        return None
    if _TAPROOT.fullmatch(value.lower()) and (value.islower() or value.isupper()):
        data = [_BECH32.index(char) for char in value.lower()[3:]]
        return bitcoin.bech32_checksum([*_BC_EXPANDED, *data]) == _BECH32M
    return bitcoin.is_valid(value)


def wallet(random: Random) -> str:
    """A Bitcoin (Base58Check, or the form of Bech32 without its checksum), Ethereum or Tron address."""
    kind = weighted(random, {"p2pkh": 3, "p2sh": 2, "bech32": 2, "eth": 5, "tron": 3})
    if kind == "eth":
        return "0x" + "".join(random.choice([char, char.upper()]) for char in chars(random, HEX, 40))
    if kind == "bech32":
        return "bc1q" + chars(random, _BECH32, 38)
    return _base58check({"p2pkh": b"\x00", "p2sh": b"\x05", "tron": b"\x41"}[kind] + random.randbytes(20))


def _base58check(payload: bytes) -> str:
    """Base58Check as of https://en.bitcoin.it/wiki/Base58Check_encoding."""
    data = payload + sha256(sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def _normal(value: str) -> str:
    """Only Base58 tells capitals from small letters."""
    return value.lower() if value.lower().startswith(("0x", "bc1")) else value


def _like(value: str, random: Random) -> str:
    """A Bitcoin address of the old form gets check digits; hexadecimal digits stay such."""
    if value.startswith("0x"):
        return "0x" + hexadecimal(value[2:], random)
    if value[:1] not in "13":
        return value[:4] + same_form(value[4:], random)
    return _base58check(bytes([5 if value[0] == "3" else 0]) + random.randbytes(20))


WALLET_FORMAT = Format(wallet, is_wallet, _normal, _like, pattern=BITCOIN)
