"""E-mail and web addresses."""

import re
import string
from random import Random
from urllib.parse import urlsplit

from schemas.formats.draw import ALNUM, Draw, chars, digits, small_letters, weighted
from schemas.formats.format import Format, same_form
from schemas.formats.network import is_ip_address

LATIN = r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0300-\u036f"
"""Latin letters and their accents, as in a class of a regex."""
_ATOM = f"[{LATIN}0-9_+%-]"
_LABEL = r"[A-Za-z0-9][A-Za-z0-9-]{0,62}\."
_DOMAIN = rf"(?:{_LABEL}){{1,8}}[A-Za-z]{{2,24}}"
_ACCOUNT = rf"[{LATIN}0-9_]{_ATOM}{{0,63}}(?:\.{_ATOM}{{1,64}}){{0,8}}"
EMAIL = rf"{_ACCOUNT}@{_DOMAIN}"
"""Regex of e-mail addresses: the dot-atom form of RFC 5322 without rare punctuation, with the letters of RFC 6531."""
GLUED_EMAIL = (
    rf"{_ACCOUNT}@(?:{_LABEL}){{1,8}}"
    "(?!(?:com(?:munity|pany|pare|puter|sec|mbank)|net(?:bank|flix|work)|organic|education)(?![0-9A-Za-z]))"
    "(?:com|net|org|edu|gov|cn)(?=[0-9A-Za-z])"
)
"""Regex of e-mail addresses to which a word or number is glued: no top-level domain goes on like that."""
URL = r"(?:(?:https?|ftp)://|www\.)[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{0,2000}[A-Za-z0-9/_~#&=%+-]"
"""Regex of web addresses (RFC 3986) with their scheme, or that begin with `www.`."""
_ANY_EMAIL = (
    r"[^ ,;<>()\"]{1,64}?(?: dot [A-Za-z]+)*(?: ?@ ?| ?[(\[](?:at|@)[)\]] ?| at )[^ ,;<>()\"@]{2,}(?: dot [A-Za-z]+)*"
)
_SPELT = re.compile(r"((?<![A-Za-z0-9])(?:at|dot|AT|DOT)(?![A-Za-z0-9])|%40)")
"""What may be written for `@` and the dot."""
_LONGEST_EMAIL = 254  # RFC 5321
_MAIL_DOMAINS = {
    "qq.com": 6, "163.com": 5, "126.com": 3, "gmail.com": 4, "outlook.com": 2, "foxmail.com": 2, "sina.com": 2,
    "hotmail.com": 1, "139.com": 1, "yahoo.com.cn": 1, "sohu.com": 1, "aliyun.com": 1, "icloud.com": 1, "company": 7,
}  # fmt: skip


def is_email(value: str) -> bool:
    """Whether a folded value is an e-mail address by its syntax."""
    return len(value) <= _LONGEST_EMAIL and bool(re.fullmatch(EMAIL, value))


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


def email(
    random: Random, account: Draw = small_letters, company: Draw = small_letters, tag: Draw = small_letters
) -> str:
    """An e-mail address: an `account` at a public host or at a `company`, sometimes with a `tag` after a plus sign."""
    domain = weighted(random, _MAIL_DOMAINS)
    if domain == "company":
        stem = company(random)
        top_levels = [".com", ".cn", ".com.cn", ".net", ".org", ".io", ".edu.cn", ".co.uk", ".de"]
        domain = f"{random.choice(['', '', 'mail.'])}{stem}{random.choice(top_levels)}"
    numbered = domain == "qq.com" and random.random() < 0.7
    local = digits(random, random.randint(6, 10)) if numbered else account(random)
    return random.choice([local] * 5 + [local.upper(), f"{local}+{tag(random)}"]) + "@" + domain


def web_address(random: Random) -> str:
    """A URL of a service, with or without path and query."""
    name = random.choice(["www.", "", "api.", "m.", "oa."])
    name += chars(random, string.ascii_lowercase, random.randint(4, 9))
    host = name + random.choice([".com", ".cn", ".com.cn", ".net", ".io", ".gov.cn"])
    page = f"/{chars(random, string.ascii_lowercase, 5)}"
    article = f"/p/{digits(random, 5)}.html"
    query = f"/s?id={digits(random, 6)}&k={chars(random, ALNUM, 4)}"
    path = random.choice(["", "/", page, article, query])
    return weighted(random, {"https://": 5, "http://": 3, "": 1.5 if host.startswith("www") else 0.01}) + host + path


def _normal_url(value: str) -> str:
    """Scheme and host in small letters, `http` where there is no scheme, no slash after the host alone."""
    scheme, mark, rest = value.partition("://") if "://" in value else ("http", "://", value)
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{mark}{host.lower()}{slash if path else ''}{path}"


def _like_url(value: str, random: Random) -> str:
    """Keeps the scheme, or the `www.` that stands for one, and the last part of the host with the port."""
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://|www\.", value, re.IGNORECASE)
    start = scheme.end() if scheme else 0
    host = re.split("[/?#]", value[start:], maxsplit=1)[0]
    kept = re.search(r"\.[A-Za-z]{2,24}(?::[0-9]+)?\Z", host)
    first, last = (start + kept.start(), start + kept.end()) if kept else (start, start)
    return value[:start] + same_form(value[start:first], random) + value[first:last] + same_form(value[last:], random)


def _like_email(value: str, random: Random) -> str:
    """Keeps the last part of the domain, and what is written for `@` and the dot."""
    front, dot, top = value.rpartition(".")
    if not ("@" in front and re.fullmatch("[A-Za-z]{2,24}", top)):
        front, dot, top = value, "", ""
    pieces = _SPELT.split(front)
    return "".join(piece if number % 2 else same_form(piece, random) for number, piece in enumerate(pieces)) + dot + top


EMAIL_FORMAT = Format(email, is_email, str.lower, _like_email, form=_ANY_EMAIL)
URL_FORMAT = Format(web_address, is_url, _normal_url, _like_url)
