"""Made-up values that keep the form of the real ones, and their check digits."""

import re
import string
from collections.abc import Callable, Mapping
from hashlib import sha256
from random import Random

from schemas.taxonomy import EntityType
from serving.engines.rules.validate import validate

_TRIES = 3000
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰玉文辉建华国志海云飞鹏宇欣怡子涵浩然梓轩雨桐思远佳宁"
_FIRST = (
    "Alex Anna Ben Carla David Emma Felix Grace Henry Irene James Kate Leo Maria Nina Oscar Paula Ruth Simon Tina"
).split()
_LAST = (
    "Adams Baker Clark Davis Evans Foster Green Harris Irving Jones King Lewis Moore Norris Owens Parker Reed Scott"
).split()
_AREAS = (
    ("110105", "北京市朝阳区"),
    ("310104", "上海市徐汇区"),
    ("320505", "江苏省苏州市虎丘区"),
    ("330106", "浙江省杭州市西湖区"),
    ("350203", "福建省厦门市思明区"),
    ("370202", "山东省青岛市市南区"),
    ("420106", "湖北省武汉市武昌区"),
    ("430102", "湖南省长沙市芙蓉区"),
    ("440305", "广东省深圳市南山区"),
    ("510107", "四川省成都市武侯区"),
    ("610113", "陕西省西安市雁塔区"),
    ("210202", "辽宁省大连市中山区"),
)
_ROADS = "人民 解放 中山 建设 和平 文化 新华 长江 黄河 胜利 学府 滨江".split()
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_HAN = re.compile(r"[㐀-鿿]")
_RESIDENT_ID = re.compile(r"\d{17}[\dXx]")
_NUMBER = re.compile(r"\d+")

Make = Callable[[str, Random], str]


def surrogate(kind: EntityType, value: str, random: Random) -> str:
    """A made-up value in the form of `value`: letters for letters, digits for digits, a name for a name.

    Where the check of the type holds for `value` it holds for the surrogate, unless none is found in 3,000 tries.
    """
    make = _MAKERS.get(kind, _same_form)
    made = make(value, random)
    if validate(kind, value):
        for _ in range(_TRIES):
            if made != value and validate(kind, made):
                break
            made = make(value, random)
    return made


def _same_form(value: str, random: Random) -> str:
    return "".join(_like(char, random) for char in value)


def _like(char: str, random: Random) -> str:
    """A random character of the kind of `char`: a zero stays, other digits and letters change, all else stays."""
    if "0" < char <= "9":
        return random.choice("123456789")
    if "０" < char <= "９":
        return random.choice("１２３４５６７８９")
    if char in string.ascii_uppercase:
        return random.choice(string.ascii_uppercase)
    if char in string.ascii_lowercase:
        return random.choice(string.ascii_lowercase)
    return random.choice(_GIVEN) if _HAN.match(char) else char


def _name(value: str, random: Random) -> str:
    if _HAN.search(value):
        rest = "".join(char if not _HAN.match(char) else random.choice(_GIVEN) for char in value[1:])
        return random.choice(_SURNAMES) + rest
    words = [random.choice(_FIRST), *(random.choice(_LAST) for _ in value.split()[1:])]
    made = " ".join(words)
    return made.upper() if value.isupper() else made.lower() if value.islower() else made


def _address(value: str, random: Random) -> str:
    if not _HAN.search(value):
        return f"{random.randint(1, 999)} {random.choice(_LAST)} Street"
    _, area = random.choice(_AREAS)
    return f"{area}{random.choice(_ROADS)}路{random.randint(1, 299)}号"


def _identity_card(value: str, random: Random) -> str:
    if not _RESIDENT_ID.fullmatch(value):
        return _same_form(value, random)
    area, _ = random.choice(_AREAS)
    born = f"{random.randint(1950, 2005)}{random.randint(1, 12):02}{random.randint(1, 28):02}"
    return f"{area}{born}{random.randint(1, 999):03}{random.choice('0123456789X')}"


def _date(value: str, random: Random) -> str:
    """Four digits become a year, the next number a month and the one after a day, each as wide as before."""
    ranges = iter([(1, 12), (1, 28)])

    def change(match: re.Match[str]) -> str:
        width = len(match.group())
        low, high = (1950, 2005) if width == 4 else next(ranges, (1, 12))
        made = random.randint(low, min(high, 10**width - 1))
        return str(made).zfill(width) if width <= 4 else _same_form(match.group(), random)

    return _NUMBER.sub(change, value)


def _after_start(kept: int) -> Make:
    """Keeps the first `kept` letters and digits: what says which carrier, bank or country it is."""

    def make(value: str, random: Random) -> str:
        places = [at for at, char in enumerate(value) if char.isalnum()]
        end = places[kept - 1] + 1 if len(places) > kept else 0
        tail = "".join(
            random.choice(string.digits) if char.isdecimal() and char.isascii() else _like(char, random)
            for char in value[end:]
        )
        return value[:end] + tail

    return make


def _wallet(value: str, random: Random) -> str:
    """A Bitcoin address of the old form gets check digits (Base58Check); hexadecimal digits stay such."""
    if value.startswith("0x"):
        return "0x" + _hexadecimal(value[2:], random)
    if value[:1] not in "13":
        return value[:4] + _same_form(value[4:], random)
    payload = bytes([5 if value[0] == "3" else 0]) + random.randbytes(20)
    number = int.from_bytes(payload + sha256(sha256(payload).digest()).digest()[:4])
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return "1" * (value[0] == "1") + digits


def _url(value: str, random: Random) -> str:
    """Keeps the scheme and the last part of the host."""
    scheme, mark, rest = value.rpartition("://")
    host, slash, path = rest.partition("/")
    front, dot, top = host.rpartition(".")
    return f"{scheme}{mark}{_same_form(front, random)}{dot}{top}{slash}{_same_form(path, random)}"


def _email(value: str, random: Random) -> str:
    """Keeps the last part of the domain."""
    front, dot, top = value.rpartition(".")
    return _same_form(front, random) + dot + top


def _ip_address(value: str, random: Random) -> str:
    if ":" in value:
        return re.sub(r"[0-9A-Fa-f]", lambda _: random.choice("0123456789abcdef"), value)
    return _NUMBER.sub(lambda _: str(random.randint(1, 254)), value)


def _hexadecimal(value: str, random: Random) -> str:
    digits = "0123456789ABCDEF" if value.isupper() else "0123456789abcdef"
    return re.sub(r"[0-9A-Fa-f]", lambda _: random.choice(digits), value)


_MAKERS: Mapping[EntityType, Make] = {
    EntityType.PERSON_NAME: _name,
    EntityType.ADDRESS: _address,
    EntityType.ID_CARD_NUMBER: _identity_card,
    EntityType.DATE_OF_BIRTH: _date,
    EntityType.PHONE_NUMBER: _after_start(3),
    EntityType.BANK_CARD_NUMBER: _after_start(6),
    EntityType.BANK_ACCOUNT_NUMBER: _after_start(2),
    EntityType.LICENSE_PLATE: _after_start(1),
    EntityType.CRYPTO_ADDRESS: _wallet,
    EntityType.URL: _url,
    EntityType.EMAIL: _email,
    EntityType.IP_ADDRESS: _ip_address,
    EntityType.MAC_ADDRESS: _hexadecimal,
}
