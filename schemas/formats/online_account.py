"""Keys of services, and accounts of WeChat and QQ."""

import base64
import re
import string
from itertools import pairwise
from random import Random

from schemas.formats.draw import ALNUM, HEX, Draw, chars, digits, small_letters
from schemas.formats.format import Format, hexadecimal, same_form
from schemas.formats.secrets import ISSUED


def secret_key(random: Random) -> str:
    """An API key or token in the form of a known issuer, or plain hex."""
    jwt = ".".join(base64.urlsafe_b64encode(random.randbytes(size)).decode().rstrip("=") for size in (15, 24, 32))
    forms = [
        f"sk-{chars(random, ALNUM, random.choice([20, 32, 48]))}",
        f"sk-proj-{chars(random, ALNUM, 40)}",
        f"AKIA{chars(random, string.ascii_uppercase + '234567', 16)}",
        f"LTAI5t{chars(random, ALNUM, 18)}",
        f"AKID{chars(random, ALNUM, 32)}",
        f"ghp_{chars(random, ALNUM, 36)}",
        f"xoxb-{digits(random, 11)}-{chars(random, ALNUM, 24)}",
        chars(random, HEX, 32),
        chars(random, HEX, 40),
        f"eyJ{jwt}",
        chars(random, ALNUM, 40),
        f"AIza{chars(random, ALNUM + '-_', 35)}",
        base64.b64encode(random.randbytes(24)).decode(),
        f"{chars(random, HEX, 8)}-{chars(random, HEX, 16)}-{chars(random, HEX, 8)}",
        f"glpat-{chars(random, ALNUM, 20)}",
        f"tok_{chars(random, ALNUM, 24)}",
    ]
    return random.choice(forms)


def wechat(random: Random, handle: Draw = small_letters) -> str:
    """A WeChat account: 6 to 20 letters, digits, - and _, a letter first; in some of them `handle` is the name."""
    name = handle(random).replace(".", "_").lower()
    forms = [
        f"wxid_{chars(random, string.ascii_lowercase + string.digits, 14)}",
        name if len(name) > 5 else f"{name}_{digits(random, 5)}",
        f"wx{digits(random, 8)}",
        chars(random, string.ascii_lowercase, 3) + digits(random, 7),
    ]
    return random.choice(forms)


def qq_number(random: Random) -> str:
    """A QQ account: 6 to 10 digits."""
    return digits(random, random.randint(6, 10))


_WORDS = "[A-Za-z]{1,15}(?:[ _./:-]{1,2}[A-Za-z]{1,15}){0,10}"
_ANY_SECRET_KEY = rf"\A(?!{_WORDS}\Z)[^㐀-鿿]{{5,}}[^㐀-鿿\s]"
_KEPT = re.compile(
    rf"-----[A-Z ]+-----|\b(?:{ISSUED}(?:(?<=sk-)(?:proj|live|ant)-)?"
    r"|[sp]k_(?:live|test)_|AKIA|ASIA|AKID|LTAI|Bearer |Basic |wxid_)"
)
"""What says whose key it is."""


def _like_key(value: str, random: Random) -> str:
    """As `same_form`; lines of PEM and what says whose key it is stay, and a hexadecimal number stays one."""
    if re.fullmatch("[0-9a-f]{16,}|[0-9A-F]{16,}", value):
        return hexadecimal(value, random)
    ends = [0, *(place for found in _KEPT.finditer(value) for place in found.span()), len(value)]
    pieces = [value[start:end] for start, end in pairwise(ends)]
    return "".join(piece if number % 2 else same_form(piece, random) for number, piece in enumerate(pieces))


SECRET_KEY_FORMAT = Format(secret_key, normal=str, like=_like_key, form=_ANY_SECRET_KEY)
WECHAT_FORMAT = Format(wechat, normal=str.lower, like=_like_key)
QQ_FORMAT = Format(qq_number, form="[1-9](?:[ -]?[0-9]){4,10}")
