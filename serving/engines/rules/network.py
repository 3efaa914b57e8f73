"""Forms and checks of e-mail, IP, MAC and web addresses and of device identifiers."""

import ipaddress
import re
from urllib.parse import urlsplit

from stdnum import luhn

_ATOM = "[A-Za-z0-9_+%-]"
_DOMAIN = r"(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}"
EMAIL = rf"[A-Za-z0-9_]{_ATOM}{{0,63}}(?:\.{_ATOM}{{1,64}}){{0,8}}@{_DOMAIN}"
"""Regex of e-mail addresses: the dot-atom form of RFC 5322 without rare punctuation."""
_HEX = "[0-9A-Fa-f]"
MAC = rf"{_HEX}{{2}}(?P<mac>[:-]){_HEX}{{2}}(?:(?P=mac){_HEX}{{2}}){{4}}|{_HEX}{{4}}\.{_HEX}{{4}}\.{_HEX}{{4}}"
"""Regex of MAC addresses (EUI-48) with colons, dashes, or in Cisco's dotted form."""
UUID = rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
"""Regex of UUIDs, the form of advertising identifiers (IDFA, OAID)."""
_LONGEST_EMAIL = 254  # RFC 5321
_BARE_MAC = rf"{_HEX}{{12}}"


def is_email(value: str) -> bool:
    """Whether a folded value is an e-mail address by its syntax."""
    return len(value) <= _LONGEST_EMAIL and bool(re.fullmatch(EMAIL, value))


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


def is_url(value: str) -> bool:
    """Whether a folded value is an http, https or ftp address (RFC 3986), or begins with `www.`."""
    try:
        parts = urlsplit(f"http://{value}" if value.lower().startswith("www.") else value)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in {"http", "https", "ftp"} or " " in value:
        return False
    return bool(re.fullmatch(_DOMAIN, host)) or host == "localhost" or is_ip_address(host)
