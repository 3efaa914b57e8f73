"""Birth dates."""

import re
from datetime import date, timedelta
from random import Random

from schemas.formats.format import Format, compact, same_form

_FIRST_BIRTH, _BIRTH_DAYS = date(1940, 1, 1), 29_200
"""The first birth date that is made up, and from how many days: to 2019."""
_NUMERALS = "〇一二三四五六七八九"
_NUMBER = re.compile(r"\d+")
_LONG = 8
"""Digits of a whole date without signs between."""
_YEAR_FIRST = re.compile(
    r"(?P<year>[12][0-9]{3}) ?[年./-] ?(?P<month>[0-9]{1,2})(?: ?[月./-] ?(?:(?P<day>[0-9]{1,2}) ?[日号]?)?)?"
    r"|(?P<years>[12][0-9]{3})(?P<months>[0-9]{2})(?P<days>[0-9]{2})"
)
_CHINESE = re.compile(
    rf"(?P<year>[{_NUMERALS}零]{{4}})年(?P<month>十[一二]?|[一二三四五六七八九])月(?P<day>[一二三四五六七八九十]{{1,3}})[日号]"
)


def birth_date(random: Random) -> date:
    """A date of birth, 1940 to 2019."""
    return _FIRST_BIRTH + timedelta(days=random.randrange(_BIRTH_DAYS))


def birth_text(random: Random, birth: date) -> str:
    """A birth date as people write it."""
    y, m, d = birth.year, birth.month, birth.day
    forms = [f"{y}年{m}月{d}日"] * 4 + [f"{y}-{m:02}-{d:02}"] * 3
    forms += [f"{y}/{m:02}/{d:02}", f"{y}.{m}.{d}", f"{y}{m:02}{d:02}", f"{y}年{m:02}月{d:02}日", f"{y}年{m}月"]
    forms += [f"{y % 100:02}年{m}月{d}日", f"{y} 年 {m} 月 {d} 日", f"{y}.{m:02}.{d:02}", chinese_date(birth)]
    return random.choice(forms)


def english_birth_text(random: Random, birth: date) -> str:
    """A birth date in an English form."""
    forms = [f"{birth:%B} {birth.day}, {birth.year}", f"{birth:%m/%d/%Y}", f"{birth:%d/%m/%Y}"]
    return random.choice([*forms, f"{birth.day} {birth:%b %Y}", f"{birth:%Y-%m-%d}", f"{birth:%d-%m-%Y}"])


def chinese_date(day: date) -> str:
    """A date in Chinese numerals, such as 一九九〇年三月十二日."""
    year = "".join(_NUMERALS[int(char)] for char in str(day.year))
    return f"{year}年{_below_hundred(day.month)}月{_below_hundred(day.day)}日"


def _below_hundred(number: int) -> str:
    tens, units = divmod(number, 10)
    ten = ("" if tens == 1 else _NUMERALS[tens]) + "十" if tens else ""
    return ten + (_NUMERALS[units] if units else "")


def _normal(value: str) -> str:
    """The date as ISO 8601 has it where the year comes first, without a day where there is none; else compact."""
    if match := _CHINESE.fullmatch(value):
        year = "".join(str(max(_NUMERALS.find(char), 0)) for char in match["year"])
        return f"{year}-{_number(match['month']):02}-{_number(match['day']):02}"
    match = _YEAR_FIRST.fullmatch(value)
    if not match:
        return compact(value)
    year, month = match["year"] or match["years"], int(match["month"] or match["months"])
    day = match["day"] or match["days"]
    return f"{year}-{month:02}-{int(day):02}" if day else f"{year}-{month:02}"


def _number(numerals: str) -> int:
    """The number below a hundred that is written in Chinese numerals."""
    tens, ten, units = numerals.rpartition("十")
    return 10 * (_NUMERALS.index(tens or "一") if ten else 0) + (_NUMERALS.index(units) if units else 0)


def _like(value: str, random: Random) -> str:
    """Four digits become a year, the next number a month and the one after a day, each as wide as before; eight all."""
    ranges = iter([(1, 12), (1, 28)])

    def change(match: re.Match[str]) -> str:
        width = len(match.group())
        if width == _LONG:
            return f"{random.randint(1950, 2005)}{random.randint(1, 12):02}{random.randint(1, 28):02}"
        low, high = (1950, 2005) if width == 4 else next(ranges, (1, 12))
        number = random.randint(low, min(high, 10**width - 1))
        return str(number).zfill(width) if width <= 4 else same_form(match.group(), random)

    return _NUMBER.sub(change, value)


BIRTH_FORMAT = Format(lambda random: birth_text(random, birth_date(random)), normal=_normal, like=_like)
