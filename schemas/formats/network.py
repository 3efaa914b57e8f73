"""Addresses of machines: IP, MAC, identifiers of devices."""

import ipaddress
import re
import string
import uuid
from random import Random

from stdnum import luhn

from schemas.formats.draw import HEX, chars, groups
from schemas.formats.format import Format, hexadecimal, same_form

_HEX = "[0-9A-Fa-f]"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4 = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
"""Regex of IPv4 addresses."""
IPV6 = (
    rf"(?=[A-Fa-f:]{{0,38}}[0-9])(?=[0-9A-Fa-f:]{{6}})(?=[0-9A-Fa-f:]{{0,37}}(?:::|[0-9A-Fa-f]{{3}}))"
    rf"(?:[0-9A-Fa-f]{{0,4}}:){{2,7}}(?:{IPV4}|[0-9A-Fa-f]{{1,4}}|(?<=::))"
)
"""Regex of IPv6 addresses of six characters or more, with a digit; neither a time nor a name of C++."""
MAC = rf"{_HEX}{{2}}(?P<mac>[:-]){_HEX}{{2}}(?:(?P=mac){_HEX}{{2}}){{4}}|{_HEX}{{4}}\.{_HEX}{{4}}\.{_HEX}{{4}}"
"""Regex of MAC addresses (EUI-48) with colons, dashes, or in Cisco's dotted form."""
UUID = rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
"""Regex of UUIDs, the form of advertising identifiers (IDFA, OAID)."""
IMEI = "[0-9](?:[ -]?[0-9]){14}"
"""Regex of IMEIs (3GPP TS 23.003), in groups or not."""
_ANY_IP = (
    r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\.?[0-9])"
    rf"|(?=[0-9A-Fa-f:]{{0,30}}::|(?:{_HEX}{{1,4}}:){{6,7}}){_HEX}{{0,4}}(?::{_HEX}{{0,4}}){{2,7}}"
    rf"(?::{IPV4}|(?<=:){IPV4})?(?:%[0-9A-Za-z]+)?"
)
_ANY_MAC = (
    rf"(?<!{_HEX})(?<!{_HEX}[:.-])(?:{_HEX}{{2}}(?:[ :-]?{_HEX}{{2}}){{5}}|{_HEX}{{4}}(?:[.:-]{_HEX}{{4}}){{2}})"
    rf"(?![:.-]?{_HEX})"
)
_BARE_MAC = rf"{_HEX}{{12}}"
_NUMBER = re.compile(r"\d+")


def is_ip_address(value: str) -> bool:
    """Whether a folded value is an IPv4 or IPv6 address, a zone included, a port or a prefix length not."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def is_mac_address(value: str) -> bool:
    """Whether a folded value is a MAC address; twelve digits without separators count."""
    return bool(re.fullmatch(rf"{MAC}|{_BARE_MAC}", value))


def is_device_id(value: str) -> bool | None:
    """Check the Luhn digit of a folded 15-digit IMEI (3GPP TS 23.003); a UUID passes, other forms give None."""
    number = re.sub(r"[\s-]", "", value)
    if re.fullmatch(r"[0-9]{15}", number):
        return luhn.is_valid(number)
    return True if re.fullmatch(UUID, value) else None


def _normal_ip(value: str) -> str:
    """The shortest form (RFC 5952) in small letters."""
    return str(ipaddress.ip_address(value)) if is_ip_address(value) else value.lower()


def _like_ip(value: str, random: Random) -> str:
    if ":" in value:
        return re.sub(r"[0-9A-Fa-f]", lambda _: random.choice(HEX), value)
    return _NUMBER.sub(lambda _: str(random.randint(1, 254)), value)


def _like_device(value: str, random: Random) -> str:
    return hexadecimal(value, random) if re.fullmatch(UUID, value) else same_form(value, random)


def ip_address(random: Random) -> str:
    """An IPv4 address, a quarter IPv6 (RFC 4291 text forms)."""
    if random.random() < 0.25:
        words = [chars(random, HEX, random.randint(1, 4)).lstrip("0") or "0" for _ in range(8)]
        forms = [":".join(words), f"fe80::{':'.join(words[:4])}", f"2001:db8::{words[0]}"]
        return random.choice([*forms, f"240e:{':'.join(words[:3])}::{words[3]}"])
    heads = ["192.168", "10.0", f"172.{random.randint(16, 31)}"]
    heads += [f"{random.randint(1, 223)}.{random.randint(0, 255)}" for _ in range(2)]
    return f"{random.choice(heads)}.{random.randint(0, 255)}.{random.randint(1, 254)}"


def mac_address(random: Random) -> str:
    """A MAC address with colons, dashes or Cisco's dots."""
    number = chars(random, HEX, 12)
    colons = groups(number, [2], ":")
    text = random.choice([colons, colons, groups(number, [2], "-"), groups(number, [4], ".")])
    return text.upper() if random.random() < 0.5 else text


def device_id(random: Random) -> str:
    """An IMEI with its Luhn digit, an IDFA/OAID, an Android id or a serial number."""
    body = random.choice(["35", "86", "01"]) + chars(random, string.digits, 12)
    idfa = str(uuid.UUID(int=random.getrandbits(128), version=4))
    forms = [body + luhn.calc_check_digit(body)] * 4 + [idfa.upper(), idfa, chars(random, HEX, 16)]
    forms += [f"SN{chars(random, string.digits + 'ABCDEF', 10)}"]
    return random.choice([*forms, chars(random, string.ascii_uppercase + string.digits, 12)])


IP_FORMAT = Format(ip_address, is_ip_address, _normal_ip, _like_ip, form=_ANY_IP)
MAC_FORMAT = Format(mac_address, is_mac_address, like=hexadecimal, form=_ANY_MAC)
DEVICE_FORMAT = Format(device_id, is_device_id, like=_like_device)
