"""Numbers of identity documents and vehicles, with the check digits that their standards ask for."""

import random
import string
from datetime import date

from stdnum.cn import ric, uscc

from data_builders.synth.sampling import chars, digits, groups, weighted

PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_VIN_ALPHABET = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_VIN_VALUES = dict(zip(_VIN_ALPHABET, [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10), *range(10)], strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_MAKERS = (
    "LSV",
    "LFV",
    "LBV",
    "LGX",
    "LSG",
    "LVS",
    "LHG",
    "LDC",
    "LE4",
    "LRW",
    "LGB",
    "LVG",
    "WBA",
    "WDD",
    "1HG",
    "JTD",
    "5YJ",
    "WVW",
)


def id_card(rng: random.Random, county: str, birth: date) -> str:
    """A resident ID number (GB 11643-1999, MOD 11-2) of `county` (six digits) and `birth`, plainly written or in groups."""
    body = f"{county}{birth:%Y%m%d}{chars(rng, string.digits, 3)}"
    number = body + ric.calc_check_digit(body)
    forms = [number] * 16 + [
        groups(number, [6, 8, 4], " "),
        groups(number, [6, 4, 4, 4], " "),
        groups(number, [6, 8, 4], "-"),
    ]
    return rng.choice([*forms, number.lower()])


def old_id_card(rng: random.Random, county: str, birth: date) -> str:
    """A fifteen-digit resident ID number as issued before 1999."""
    return f"{county}{birth:%y%m%d}{chars(rng, string.digits, 3)}"


def other_id_card(rng: random.Random) -> str:
    """A Hong Kong, Macau or Taiwan identity card number (form only)."""
    hong_kong = f"{rng.choice(string.ascii_uppercase)}{digits(rng, 6)}({rng.choice('0123456789A')})"
    macau = f"{rng.choice('157')}{digits(rng, 6)}({rng.randint(0, 9)})"
    return rng.choice([hong_kong, macau, f"{rng.choice(string.ascii_uppercase)}{rng.choice('12')}{digits(rng, 8)}"])


def passport(rng: random.Random) -> str:
    """A passport number: Chinese series mostly."""
    series = weighted(rng, {"E": 5, "G": 3, "D": 1, "S": 1, "P": 1, "letter": 5, "us": 2, "uk": 1})
    if series == "letter":
        return f"E{rng.choice(PLATE_LETTERS)}{chars(rng, string.digits, 7)}"
    if series in ("us", "uk"):
        return digits(rng, 9) if series == "us" else f"{rng.choice(string.ascii_uppercase)}{digits(rng, 8)}"
    return series + chars(rng, string.digits, 8)


def permit(rng: random.Random) -> str:
    """A Hong Kong/Macau/Taiwan travel permit number."""
    forms = [
        f"C{digits(rng, 8)}",
        f"C{rng.choice(PLATE_LETTERS)}{digits(rng, 7)}",
        f"H{digits(rng, 8)}",
        f"M{digits(rng, 8)}",
    ]
    return rng.choice([*forms, f"H{digits(rng, 10)}", f"L{digits(rng, 8)}", f"T{digits(rng, 8)}", digits(rng, 8)])


def driver_license(rng: random.Random, county: str) -> str:
    """A licence file number (twelve digits) or a foreign licence number."""
    forms = [county[:4] + chars(rng, string.digits, 8)] * 6 + [f"{rng.choice(string.ascii_uppercase)}{digits(rng, 7)}"]
    return rng.choice(
        [*forms, f"{rng.choice(string.ascii_uppercase)}{digits(rng, 3)}-{digits(rng, 4)}-{digits(rng, 4)}"]
    )


def social_security(rng: random.Random, county: str) -> str:
    """A social security number: Chinese card and account numbers, or the US form."""
    us = f"{rng.randint(100, 665)}-{rng.randint(10, 99)}-{digits(rng, 4)}"
    forms = [
        rng.choice("ABCDEFGHJKL") + chars(rng, string.digits, 8),
        county + chars(rng, string.digits, 6),
        digits(rng, 10),
    ]
    return rng.choice([*forms, f"{county[:4]}{digits(rng, 8)}", f"SB{digits(rng, 9)}", us])


def us_social_security(rng: random.Random) -> str:
    """A social security number of the US form AAA-GG-SSSS."""
    return rng.choice(["{}-{}-{}", "{}-{}-{}", "{} {} {}"]).format(
        rng.randint(100, 665), rng.randint(10, 99), digits(rng, 4)
    )


def tax_number(rng: random.Random, county: str) -> str:
    """A unified social credit code (GB 32100-2015, MOD 31-3) or a taxpayer number of 15 digits."""
    if rng.random() < 0.15:
        return county + chars(rng, string.digits, 8) + rng.choice(string.digits + "XAB")
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = rng.choice(["91", "91", "91", "92", "93", "12", "51", "11"]) + county + chars(rng, string.digits, 2)
    body += rng.choice(["MA", chars(rng, string.digits, 2)]) + chars(rng, alphabet[:24], 4) + rng.choice(string.digits)
    number: str = body + uscc.calc_check_digit(body)
    return number


def medical_record(rng: random.Random) -> str:
    """A record, admission, visit or patient number."""
    year = rng.randint(2015, 2026)
    prefix = rng.choice(["ZY", "MZ", "BL", "TJ", "P", "H", "JZ", "MR", ""])
    forms = [
        f"{prefix}{year}{digits(rng, rng.randint(4, 6))}",
        f"{prefix}{digits(rng, rng.randint(6, 10))}",
        "0" * rng.randint(1, 3) + digits(rng, rng.randint(5, 7)),
    ]
    return rng.choice([*forms, f"{prefix or 'M'}-{year}-{digits(rng, 5)}", f"MRN{digits(rng, 7)}"])


def plate(rng: random.Random) -> str:
    """A number plate (GA 36-2018): ordinary, new-energy, and the special endings."""
    head = rng.choice(_PROVINCES) + rng.choice(PLATE_LETTERS)
    kind = weighted(rng, {"plain": 9, "small": 4, "large": 1, "special": 1.5, "embassy": 0.4})
    tail = chars(rng, string.digits * 3 + PLATE_LETTERS, 5)
    if kind == "small":
        tail = rng.choice("DFABCEGHJK") + chars(rng, string.digits + PLATE_LETTERS, 1) + chars(rng, string.digits, 4)
    elif kind == "large":
        tail = chars(rng, string.digits, 5) + rng.choice("DF")
    elif kind == "special":
        tail = tail[:4] + rng.choice("警学挂") if rng.random() < 0.8 else tail[:4] + rng.choice("港澳")
    elif kind == "embassy":
        return "使" + digits(rng, 6)
    return head + rng.choices(["", "·", " ", "-"], weights=[14, 4, 2, 1])[0] + tail


def vin(rng: random.Random) -> str:
    """A vehicle identification number (ISO 3779) with its check digit, as GB 16735-2019 asks."""
    body = (
        rng.choice(_MAKERS) + chars(rng, _VIN_ALPHABET, 5) + "0" + chars(rng, _VIN_ALPHABET[-13:], 2) + digits(rng, 6)
    )
    rest = sum(_VIN_VALUES[char] * weight for char, weight in zip(body, _VIN_WEIGHTS, strict=True)) % 11
    return body[:8] + ("X" if rest == 10 else str(rest)) + body[9:]


def birth_text(rng: random.Random, birth: date) -> str:
    """A birth date as people write it."""
    y, m, d = birth.year, birth.month, birth.day
    forms = (
        [f"{y}年{m}月{d}日"] * 4
        + [f"{y}-{m:02}-{d:02}"] * 3
        + [f"{y}/{m:02}/{d:02}", f"{y}.{m}.{d}", f"{y}{m:02}{d:02}", f"{y}年{m:02}月{d:02}日"]
    )
    forms += [
        f"{y}年{m}月",
        f"{y % 100:02}年{m}月{d}日",
        f"{y} 年 {m} 月 {d} 日",
        f"{y}.{m:02}.{d:02}",
        chinese_date(birth),
    ]
    return rng.choice(forms)


def english_birth_text(rng: random.Random, birth: date) -> str:
    """A birth date in an English form."""
    return rng.choice(
        [
            f"{birth:%B} {birth.day}, {birth.year}",
            f"{birth:%m/%d/%Y}",
            f"{birth:%d/%m/%Y}",
            f"{birth.day} {birth:%b %Y}",
            f"{birth:%Y-%m-%d}",
            f"{birth:%d-%m-%Y}",
        ]
    )


def chinese_date(day: date) -> str:
    """A date in Chinese numerals, such as 一九九〇年三月十二日."""
    numerals = "〇一二三四五六七八九"
    year = "".join(numerals[int(char)] for char in str(day.year))
    return f"{year}年{_below_hundred(day.month)}月{_below_hundred(day.day)}日"


def _below_hundred(number: int) -> str:
    tens, units = divmod(number, 10)
    ten = ("" if tens == 1 else "〇一二三四五六七八九"[tens]) + "十" if tens else ""
    return ten + ("一二三四五六七八九"[units - 1] if units else "")
