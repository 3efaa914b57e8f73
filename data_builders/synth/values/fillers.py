"""Times, jobs and other values that are no personal data: on-request types and near misses."""

import random
import string
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

from data_builders.synth.word_lists import words
from schemas.formats.dates import chinese_date
from schemas.formats.draw import HEX, chars, digits

JOBS = words("jobs")
_PRODUCTS = words("products")
_SENTENCES = words("sentences")
_DEPARTMENTS = words("departments")
_PACKAGES = words("packages")
_THREADS = words("threads")
_ERRORS = words("error_codes")
_STOCKS = ("600519", "000001.SZ", "300750", "601318.SH", "AAPL", "00700.HK", "688981", "TSLA")


def date_text(rng: random.Random) -> str:
    """A calendar date in one of the written forms, sometimes without its year or day."""
    day = date(2000, 1, 1) + timedelta(days=rng.randrange(9900))
    y, m, d = day.year, day.month, day.day
    return rng.choice(
        [f"{y}年{m}月{d}日"] * 3
        + [f"{y}-{m:02}-{d:02}"] * 3
        + [
            f"{m}月{d}日",
            f"{m}月{d}日",
            f"{y}/{m}/{d}",
            f"{y}.{m:02}.{d:02}",
            f"{y}{m:02}{d:02}",
            f"{y}年{m}月",
            f"{m}月{d}号",
            f"{y}年",
            chinese_date(day),
        ]
    )


def english_date(rng: random.Random) -> str:
    """A calendar date in an English form."""
    day = date(2000, 1, 1) + timedelta(days=rng.randrange(9900))
    return rng.choice(
        [
            f"{day:%B} {day.day}, {day.year}",
            f"{day:%m/%d/%Y}",
            f"{day.day} {day:%B %Y}",
            f"{day:%Y-%m-%d}",
            f"{day:%b} {day.day}",
        ]
    )


def time_text(rng: random.Random) -> str:
    """A time of day."""
    hour, minute = rng.randint(0, 23), rng.randint(0, 59)
    return rng.choice(
        [
            f"{hour:02}:{minute:02}",
            f"{hour:02}:{minute:02}:{rng.randint(0, 59):02}",
            f"{rng.choice(['上午', '下午', '晚上', '早上'])}{hour % 12 or 12}点",
            f"{hour}点{minute}分",
            f"{hour % 12 or 12}点半",
            f"{hour}时{minute:02}分",
        ]
    )


def datetime_text(rng: random.Random) -> str:
    """A date with a time, as logs and records write it."""
    moment = datetime(2018, 1, 1) + timedelta(seconds=rng.randrange(280_000_000))
    return rng.choice(
        [f"{moment:%Y-%m-%d %H:%M:%S}"] * 4
        + [
            f"{moment:%Y-%m-%dT%H:%M:%S}Z",
            f"{moment:%Y/%m/%d %H:%M}",
            f"{moment.year}年{moment.month}月{moment.day}日{moment.hour}时{moment.minute:02}分",
            f"{moment:%Y-%m-%d %H:%M:%S},{rng.randint(0, 999):03}",
            f"{moment:%d/%b/%Y:%H:%M:%S} +0800",
            f"{moment:%m-%d %H:%M}",
        ]
    )


def age_text(rng: random.Random, age: int) -> str:
    """An age in years as it stands in a Chinese text."""
    return rng.choice([f"{age}岁"] * 5 + [f"{age}周岁", f"{age} 岁", str(age)])


def hotline(rng: random.Random) -> str:
    """A service number that belongs to no person."""
    service = rng.choice(["400", "400", "800"])
    tail = chars(rng, string.digits, 7)
    forms = [
        f"{service}-{tail[:3]}-{tail[3:]}",
        f"{service}{tail}",
        f"{service} {tail[:3]} {tail[3:]}",
        f"{service}-{tail[:4]}-{tail[4:]}",
    ]
    return rng.choice(
        [
            *forms,
            f"95{digits(rng, 3)}",
            f"96{digits(rng, 3)}",
            rng.choice(["10086", "10010", "10000", "12345", "12315", "110", "120", "12306", "114"]),
        ]
    )


def order_number(rng: random.Random) -> str:
    """An order, ticket or contract number."""
    day = f"{rng.randint(2018, 2026)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    return rng.choice(
        [
            f"{rng.choice(['DD', 'NO', 'SO', 'HT', 'GD', 'JD', 'TK', 'PO', 'A', ''])}{day}{digits(rng, rng.randint(4, 10))}",
            digits(rng, rng.randint(9, 20)),
            f"{rng.choice(['HT', 'XM', 'BX', 'CG'])}-{day[:4]}-{digits(rng, rng.randint(2, 4))}",
            f"#{digits(rng, rng.randint(3, 7))}",
            f"E{digits(rng, 17)}",
        ]
    )


def tracking_number(rng: random.Random) -> str:
    """A courier's tracking number."""
    return rng.choice(
        [
            f"SF{digits(rng, 13)}",
            f"YT{digits(rng, 13)}",
            f"JD{digits(rng, 12)}",
            digits(rng, 12),
            digits(rng, 13),
            f"{rng.choice(['EMS', 'ZTO', 'STO'])}{digits(rng, 12)}",
            f"{chars(rng, string.ascii_uppercase, 2)}{digits(rng, 9)}CN",
        ]
    )


def price(rng: random.Random) -> str:
    """An amount of money."""
    amount = rng.choice([rng.uniform(1, 100), rng.uniform(100, 10_000), rng.uniform(10_000, 9_000_000)])
    return rng.choice(
        [
            f"{amount:.2f}元",
            f"¥{amount:.2f}",
            f"{amount:,.2f}",
            f"{int(amount)}元",
            f"{int(amount)}块",
            f"人民币{amount:,.2f}元",
            f"${amount:,.2f}",
            f"{amount / 10_000:.2f}万元",
            f"RMB {int(amount)}",
        ]
    )


def version(rng: random.Random) -> str:
    """A software version."""
    numbers = [str(rng.randint(0, 30)) for _ in range(rng.choice([2, 3, 3, 4]))]
    return (
        rng.choice(["v", "V", "", "v"])
        + ".".join(numbers)
        + rng.choice(["", "", "-beta", "rc1", f"-build{digits(rng, 4)}"])
    )


def quantity(rng: random.Random) -> str:
    """A count with its measure word."""
    return f"{rng.choice([str(rng.randint(1, 200)), rng.choice('一二三四五六七八九十两')])}{rng.choice('件个箱台本瓶盒套次斤吨张条')}"


SIMPLE: dict[str, Callable[[random.Random], str]] = {
    "number": lambda rng: digits(rng, rng.randint(1, 4)),
    "percent": lambda rng: f"{rng.uniform(0, 100):.{rng.randint(0, 2)}f}%",
    "decimal": lambda rng: f"{rng.choice([1, 10, 200]) * rng.random():.{rng.randint(2, 10)}f}",
    "product": lambda rng: rng.choice(_PRODUCTS),
    "sku": lambda rng: (
        f"{chars(rng, string.ascii_uppercase, rng.randint(1, 3))}{rng.choice(['', '-'])}{digits(rng, rng.randint(3, 6))}{rng.choice(['', 'B', 'Pro', '-X'])}"
    ),
    "uuid": lambda rng: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
    "hash": lambda rng: chars(rng, HEX, rng.choice([7, 8, 32, 40, 64])),
    "flight": lambda rng: rng.choice(
        [
            f"{rng.choice(['CA', 'MU', 'CZ', 'HU', '3U', 'ZH'])}{digits(rng, 4)}",
            f"{rng.choice('GDKTZ')}{digits(rng, rng.randint(2, 4))}",
        ]
    ),
    "stock": lambda rng: rng.choice(_STOCKS),
    "duration": lambda rng: f"{rng.randint(1, 60)}{rng.choice(['天', '分钟', '小时', '个月', '年', '秒', 'ms'])}",
    "sentence": lambda rng: rng.choice(_SENTENCES),
    "department": lambda rng: rng.choice(_DEPARTMENTS),
    "package": lambda rng: f"{rng.choice(_PACKAGES)}{rng.choice(['@', '@', '@^', ':', '-'])}{version(rng)}",
    "thread": lambda rng: rng.choice(_THREADS).replace("#", digits(rng, rng.randint(1, 4))),
    "error_code": lambda rng: rng.choice(_ERRORS).replace("#", digits(rng, rng.randint(2, 5))),
}
"""Fillers by the name of their slot."""
