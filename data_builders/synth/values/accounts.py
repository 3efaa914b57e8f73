"""Contact, money, account and device values."""

import base64
import hashlib
import random
import string
import uuid

from stdnum import iban as iban_standard
from stdnum import luhn

from data_builders.synth.names.latin import SYLLABLES
from data_builders.synth.sampling import ALNUM, HEX, chars, digits, groups, weighted
from data_builders.synth.word_lists import words

_MOBILE_PREFIXES = words("mobile_prefixes")
_MAIL_DOMAINS = {
    "qq.com": 6,
    "163.com": 5,
    "126.com": 3,
    "gmail.com": 4,
    "outlook.com": 2,
    "foxmail.com": 2,
    "sina.com": 2,
    "hotmail.com": 1,
    "139.com": 1,
    "yahoo.com.cn": 1,
    "sohu.com": 1,
    "aliyun.com": 1,
    "icloud.com": 1,
    "company": 7,
}
_CARD_PREFIXES = {
    "622202": 19, "622848": 19, "621700": 19, "621661": 19, "622588": 16, "621483": 16, "622622": 16, "622568": 19, "621226": 19, "622180": 19,
    "622908": 18, "623058": 19, "436742": 19, "625965": 16, "356833": 16, "4": 16, "51": 16, "53": 16, "55": 16, "37": 15, "6011": 16, "621799": 19,
    "622260": 19, "621462": 19, "621467": 19, "622690": 16, "622630": 16,
}  # fmt: skip
"""Issuers' prefixes (ISO/IEC 7812-1) and the lengths of their numbers, debit and credit."""

_WORDS = words("words")
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_NICKNAMES = words("nicknames")


def mobile(rng: random.Random) -> str:
    """A mainland mobile number in one of its written forms; one in twenty is from abroad."""
    if rng.random() < 0.05:
        return rng.choice(
            [
                f"+1 {rng.randint(201, 989)}-{rng.randint(200, 999)}-{digits(rng, 4)}",
                f"+852 {rng.choice('569')}{digits(rng, 3)} {digits(rng, 4)}",
                f"+44 7{digits(rng, 3)} {digits(rng, 6)}",
                f"+81-90-{digits(rng, 4)}-{digits(rng, 4)}",
                f"+65 {rng.choice('89')}{digits(rng, 7)}",
                f"+8869{digits(rng, 8)}",
            ]
        )
    number = rng.choice(_MOBILE_PREFIXES) + chars(rng, string.digits, 8)
    spaced, dashed = groups(number, [3, 4, 4], " "), groups(number, [3, 4, 4], "-")
    forms = [number] * 12 + [
        spaced,
        spaced,
        dashed,
        dashed,
        f"+86{number}",
        f"+86 {number}",
        f"+86-{number}",
        f"86-{number}",
        f"+86 {spaced}",
        f"0086{number}",
        f"(+86){number}",
        f"+86 {dashed}",
        groups(number, [4, 3, 4], "-"),
        f"({number[:3]}){number[3:]}",
        groups(number, [3, 4, 4], "."),
    ]
    return rng.choice(forms)


def us_phone(rng: random.Random) -> str:
    """A North American number in one of its written forms."""
    area, exchange, line = rng.randint(201, 989), rng.randint(200, 999), chars(rng, string.digits, 4)
    return rng.choice(
        [
            f"({area}) {exchange}-{line}",
            f"{area}-{exchange}-{line}",
            f"+1 {area} {exchange} {line}",
            f"+1-{area}-{exchange}-{line}",
            f"{area}.{exchange}.{line}",
            f"1-{area}-{exchange}-{line}",
            f"({area}){exchange}-{line}",
        ]
    )


def handle(rng: random.Random) -> str:
    """A Latin account name built as people build them."""
    name = "".join(rng.choices(SYLLABLES, k=rng.choice([1, 2, 2, 3])))
    year, number = str(rng.randint(1965, 2010)), digits(rng, rng.randint(1, 5))
    word = rng.choice(_WORDS)
    return rng.choice(
        [
            name + year,
            name + number,
            f"{name}_{number}",
            f"{word}{number}",
            f"{word}_{name}",
            f"{name}.{rng.choice(SYLLABLES)}{number}",
            f"{name}-{word}{number[:2]}",
            name.title() + number,
            chars(rng, string.ascii_lowercase, rng.randint(5, 9)) + number[:2],
        ]
    )


def email(rng: random.Random) -> str:
    """An e-mail address."""
    domain = weighted(rng, _MAIL_DOMAINS)
    if domain == "company":
        stem = rng.choice(SYLLABLES) + rng.choice([*SYLLABLES, "tech", "soft", "group", "bio", "media", "net"])
        domain = f"{rng.choice(['', '', 'mail.'])}{stem}{rng.choice(['.com', '.cn', '.com.cn', '.net', '.org', '.io', '.edu.cn', '.co.uk', '.de'])}"
    local = digits(rng, rng.randint(6, 10)) if domain == "qq.com" and rng.random() < 0.7 else handle(rng)
    return rng.choice([local] * 5 + [local.upper(), f"{local}+{rng.choice(_WORDS)}"]) + "@" + domain


def bank_card(rng: random.Random) -> str:
    """A payment card number that passes the Luhn check (ISO/IEC 7812-1), plain or in groups."""
    prefix = rng.choice(list(_CARD_PREFIXES))
    body = prefix + chars(rng, string.digits, _CARD_PREFIXES[prefix] - len(prefix) - 1)
    number = body + luhn.calc_check_digit(body)
    return rng.choice(
        [number] * 5 + [groups(number, [4], " ")] * 3 + [groups(number, [4], "-"), groups(number, [6, 20], " ")]
    )


def bank_account(rng: random.Random) -> str:
    """An account number of a Chinese bank, 9 to 22 digits, plain or in groups."""
    number = rng.choice(["1", "0", "3", "4", "5", "8"]) + chars(
        rng, string.digits, rng.choice([8, 11, 14, 16, 17, 18, 19, 21])
    )
    return rng.choice([number] * 4 + [groups(number, [4], " "), groups(number, [4, 4, 11], "-")])


def iban(rng: random.Random) -> str:
    """An IBAN (ISO 13616) with its check digits."""
    country, bban = rng.choice(
        [
            ("DE", chars(rng, string.digits, 18)),
            ("GB", chars(rng, "ABCDLNRW", 4) + chars(rng, string.digits, 14)),
            ("FR", chars(rng, string.digits, 23)),
            ("NL", chars(rng, "ABINGR", 4) + chars(rng, string.digits, 10)),
        ]
    )
    number = country + iban_standard.calc_check_digits(f"{country}00{bban}") + bban
    return rng.choice([number, groups(number, [4], " ")])


def password(rng: random.Random) -> str:
    """A password as people choose them, or a generated one."""
    word, number, sign = rng.choice(_WORDS), digits(rng, rng.randint(2, 6)), rng.choice("!@#$%&*_.?")
    name = rng.choice(SYLLABLES)
    return rng.choice([
        f"{word.title()}{sign}{number}", f"{name}{number}", f"{word}{number}{sign}", f"{name.title()}{rng.choice(SYLLABLES)}@{number}", digits(rng, 6), digits(rng, 8),
        chars(rng, ALNUM + "!@#$%^&*", rng.randint(8, 16)), f"{word[:2].upper()}{number}{sign}{name}", chars(rng, ALNUM, rng.randint(8, 12)), f"P@ss{word}{number}", f"{sign}{name}{word}{number}",
    ])  # fmt: skip


def one_time_code(rng: random.Random) -> str:
    """A verification code of four to six digits."""
    return chars(rng, string.digits, rng.choice([4, 6, 6, 6]))


def secret_key(rng: random.Random) -> str:
    """An API key or token in the form of a known issuer, or plain hex."""
    jwt = ".".join(base64.urlsafe_b64encode(rng.randbytes(size)).decode().rstrip("=") for size in (15, 24, 32))
    return rng.choice([
        f"sk-{chars(rng, ALNUM, rng.choice([20, 32, 48]))}", f"sk-proj-{chars(rng, ALNUM, 40)}", f"AKIA{chars(rng, string.ascii_uppercase + '234567', 16)}", f"LTAI5t{chars(rng, ALNUM, 18)}", f"AKID{chars(rng, ALNUM, 32)}",
        f"ghp_{chars(rng, ALNUM, 36)}", f"xoxb-{digits(rng, 11)}-{chars(rng, ALNUM, 24)}", chars(rng, HEX, 32), chars(rng, HEX, 40), f"eyJ{jwt}", chars(rng, ALNUM, 40), f"AIza{chars(rng, ALNUM + '-_', 35)}",
        base64.b64encode(rng.randbytes(24)).decode(), f"{chars(rng, HEX, 8)}-{chars(rng, HEX, 16)}-{chars(rng, HEX, 8)}", f"glpat-{chars(rng, ALNUM, 20)}", f"tok_{chars(rng, ALNUM, 24)}",
    ])  # fmt: skip


def wechat(rng: random.Random) -> str:
    """A WeChat account: 6 to 20 letters, digits, - and _, a letter first."""
    name = handle(rng).replace(".", "_").lower()
    return rng.choice(
        [
            f"wxid_{chars(rng, string.ascii_lowercase + string.digits, 14)}",
            name if len(name) > 5 else f"{name}_{digits(rng, 5)}",
            f"wx{digits(rng, 8)}",
            chars(rng, string.ascii_lowercase, 3) + digits(rng, 7),
        ]
    )


def username(rng: random.Random) -> str:
    """The name of an account: Latin mostly, a quarter Chinese nicknames."""
    if rng.random() < 0.25:
        return (
            rng.choice(_NICKNAMES)
            + rng.choice(["", "的", "_", "爱"])
            + rng.choice(_NICKNAMES)
            + rng.choice(["", digits(rng, 2), digits(rng, 3)])
        )
    return handle(rng)


def ip_address(rng: random.Random) -> str:
    """An IPv4 address, a quarter IPv6 (RFC 4291 text forms)."""
    if rng.random() < 0.25:
        words = [chars(rng, HEX, rng.randint(1, 4)).lstrip("0") or "0" for _ in range(8)]
        return rng.choice(
            [
                ":".join(words),
                f"fe80::{':'.join(words[:4])}",
                f"2001:db8::{words[0]}",
                f"240e:{':'.join(words[:3])}::{words[3]}",
            ]
        )
    head = rng.choice(
        [
            "192.168",
            "10.0",
            f"172.{rng.randint(16, 31)}",
            f"{rng.randint(1, 223)}.{rng.randint(0, 255)}",
            f"{rng.randint(1, 223)}.{rng.randint(0, 255)}",
        ]
    )
    return f"{head}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"


def mac_address(rng: random.Random) -> str:
    """A MAC address with colons, dashes or Cisco's dots."""
    number = chars(rng, HEX, 12)
    text = rng.choice(
        [groups(number, [2], ":"), groups(number, [2], ":"), groups(number, [2], "-"), groups(number, [4], ".")]
    )
    return text.upper() if rng.random() < 0.5 else text


def device_id(rng: random.Random) -> str:
    """An IMEI with its Luhn digit, an IDFA/OAID, an Android id or a serial number."""
    body = rng.choice(["35", "86", "01"]) + chars(rng, string.digits, 12)
    idfa = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    return rng.choice(
        [body + luhn.calc_check_digit(body)] * 4
        + [
            idfa.upper(),
            idfa,
            chars(rng, HEX, 16),
            f"SN{chars(rng, string.digits + 'ABCDEF', 10)}",
            chars(rng, string.ascii_uppercase + string.digits, 12),
        ]
    )


def crypto_address(rng: random.Random) -> str:
    """A Bitcoin (Base58Check or Bech32 form), Ethereum or Tron address."""
    kind = weighted(rng, {"p2pkh": 3, "p2sh": 2, "bech32": 2, "eth": 5, "tron": 3})
    if kind == "eth":
        return "0x" + "".join(rng.choice([char, char.upper()]) for char in chars(rng, HEX, 40))
    if kind == "bech32":
        return "bc1q" + chars(rng, _BECH32, 38)
    return _base58check({"p2pkh": b"\x00", "p2sh": b"\x05", "tron": b"\x41"}[kind] + rng.randbytes(20))


def _base58check(payload: bytes) -> str:
    """Base58Check as of https://en.bitcoin.it/wiki/Base58Check_encoding."""
    data = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = _BASE58[rest] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text
