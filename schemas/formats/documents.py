"""Numbers without a check digit: passports, permits, licences, insured persons, patients, staff, students, members."""

import string
from random import Random

from schemas.formats.draw import LETTERS, chars, digits, weighted
from schemas.formats.format import Format
from schemas.formats.identity import county

CHINESE_PASSPORT = "(?:[DEGKPS][0-9]{8}|(?:E[A-HJ-NP-Z]|K[A-Z]|MA)[0-9]{7})"
"""Regex of passport numbers of mainland China, Hong Kong and Macau."""
US_SOCIAL_SECURITY = "(?!000|666|9)[0-9]{3}(?P<gap>[ -])(?!00)[0-9]{2}(?P=gap)(?!0000)[0-9]{4}"
"""Regex of US social security numbers in groups (AAA-GG-SSSS)."""


def passport(random: Random) -> str:
    """A passport number: Chinese series mostly."""
    series = weighted(random, {"E": 5, "G": 3, "D": 1, "S": 1, "P": 1, "letter": 5, "us": 2, "uk": 1})
    if series == "letter":
        return f"E{random.choice(LETTERS)}{chars(random, string.digits, 7)}"
    if series in ("us", "uk"):
        return digits(random, 9) if series == "us" else f"{random.choice(string.ascii_uppercase)}{digits(random, 8)}"
    return series + chars(random, string.digits, 8)


def permit(random: Random) -> str:
    """A Hong Kong/Macau/Taiwan travel permit number."""
    forms = [f"C{digits(random, 8)}", f"C{random.choice(LETTERS)}{digits(random, 7)}"]
    forms += [f"{letter}{digits(random, length)}" for letter, length in zip("HMHLT", (8, 8, 10, 8, 8), strict=True)]
    return random.choice([*forms, digits(random, 8)])


def driver_license(random: Random, county: str) -> str:
    """A licence file number (twelve digits) or a foreign licence number; `county` are six digits."""
    forms = [county[:4] + chars(random, string.digits, 8)] * 6
    forms += [f"{random.choice(string.ascii_uppercase)}{digits(random, 7)}"]
    foreign = f"{random.choice(string.ascii_uppercase)}{digits(random, 3)}-{digits(random, 4)}-{digits(random, 4)}"
    return random.choice([*forms, foreign])


def social_security(random: Random, county: str) -> str:
    """A social security number: Chinese card and account numbers, or the US form; `county` are six digits."""
    us = f"{random.randint(100, 665)}-{random.randint(10, 99)}-{digits(random, 4)}"
    forms = [
        random.choice("ABCDEFGHJKL") + chars(random, string.digits, 8),
        county + chars(random, string.digits, 6),
        digits(random, 10),
    ]
    return random.choice([*forms, f"{county[:4]}{digits(random, 8)}", f"SB{digits(random, 9)}", us])


def us_social_security(random: Random) -> str:
    """A social security number of the US form AAA-GG-SSSS."""
    form = random.choice(["{}-{}-{}", "{}-{}-{}", "{} {} {}"])
    return form.format(random.randint(100, 665), random.randint(10, 99), digits(random, 4))


def medical_record(random: Random) -> str:
    """A record, admission, visit or patient number."""
    year = random.randint(2015, 2026)
    prefix = random.choice(["ZY", "MZ", "BL", "TJ", "P", "H", "JZ", "MR", ""])
    forms = [
        f"{prefix}{year}{digits(random, random.randint(4, 6))}",
        f"{prefix}{digits(random, random.randint(6, 10))}",
        "0" * random.randint(1, 3) + digits(random, random.randint(5, 7)),
    ]
    return random.choice([*forms, f"{prefix or 'M'}-{year}-{digits(random, 5)}", f"MRN{digits(random, 7)}"])


def employee(random: Random) -> str:
    """A staff number: plain digits, or letters of the firm or department before them."""
    prefix = random.choice(["", "", "", "E", "EMP", "A", "HR", "GH"]) or chars(random, string.ascii_uppercase, 2)
    plain = digits(random, random.randint(4, 8))
    joined = random.choice(["", "", "-"]).join([prefix, digits(random, random.randint(3, 6))])
    return random.choice([plain, "0" * random.randint(1, 3) + digits(random, random.randint(2, 5)), joined, joined])


def student(random: Random) -> str:
    """A student's or an examinee's number: mostly the year of entry, the class, and a number in it."""
    year = random.randint(2008, 2026)
    forms = [f"{year}{digits(random, random.randint(4, 8))}"] * 3
    forms += [f"{year % 100:02d}{digits(random, random.randint(6, 10))}"] * 2
    forms += [f"{random.choice('SBMXUGZ')}{year}{digits(random, random.randint(3, 6))}"]
    return random.choice([*forms, f"{chars(random, string.ascii_uppercase, 2)}{year}-{digits(random, 3)}"])


def member(random: Random) -> str:
    """A number on a loyalty, club or customer card."""
    prefix = random.choice(["VIP", "M", "HY", "MEM", "V", "No"]) + random.choice(["", "", "-"])
    groups = " ".join(digits(random, 4) for _ in range(random.randint(2, 4)))
    forms = [digits(random, random.randint(6, 13))] * 3 + [f"{prefix}{digits(random, random.randint(5, 10))}"] * 3
    airline = f"{random.choice(['CA', 'MU', 'CZ', 'HU'])}{digits(random, 9)}"
    return random.choice([*forms, groups, airline, f"{chars(random, string.ascii_uppercase, 2)}-{digits(random, 4)}"])


_ANY_PASSPORT = (
    "(?:[A-Za-z]{1,3}[ -]?)?[0-9](?:[ -]?[0-9]){5,9}(?:[A-Z](?![A-Za-z]))?|(?=(?:[A-Z]*[0-9]){3})[0-9A-Z]{8,10}"
)
_ANY_DRIVER_LICENSE = "(?=[^0-9]*[0-9])[0-9A-Z](?:[ -]?[0-9A-Z]){4,19}"
_ANY_SOCIAL_SECURITY = (
    "[A-Za-z]{0,3}[0-9](?:[ -]{0,2}[0-9]){6,19}(?:[A-Z](?![A-Za-z]))?"
    "|(?=(?:[^0-9]*[0-9]){5})[0-9A-Z](?:[ -]{0,2}[0-9A-Z]){6,19}"
)
_ANY_MEDICAL_RECORD = "(?:[A-Za-z]{1,6}[ -]?){0,2}[0-9](?:[ /-]?[0-9A-Z]){2,}"
_ANY_NUMBER_OF_A_PERSON = "(?=[^0-9]*[0-9])[0-9A-Za-z](?:[ /_-]?[0-9A-Za-z])+(?: ?\\([0-9A-Z]\\))?"
PASSPORT_FORMAT = Format(passport, form=_ANY_PASSPORT)
DRIVER_LICENSE_FORMAT = Format(lambda random: driver_license(random, county(random)), form=_ANY_DRIVER_LICENSE)
SOCIAL_SECURITY_FORMAT = Format(lambda random: social_security(random, county(random)), form=_ANY_SOCIAL_SECURITY)
MEDICAL_RECORD_FORMAT = Format(medical_record, form=_ANY_MEDICAL_RECORD)
EMPLOYEE_FORMAT = Format(employee, form=_ANY_NUMBER_OF_A_PERSON)
STUDENT_FORMAT = Format(student, form=_ANY_NUMBER_OF_A_PERSON)
MEMBER_FORMAT = Format(member, form=_ANY_NUMBER_OF_A_PERSON)
