"""Postal codes and coordinates."""

import re
from random import Random

from schemas.formats.draw import chars, digits
from schemas.formats.format import Format
from schemas.formats.identity import county

POSTAL_PREFIX = {
    "11": "10", "12": "30", "13": "05", "14": "03", "15": "01", "21": "11", "22": "13", "23": "15", "31": "20",
    "32": "21", "33": "31", "34": "23", "35": "35", "36": "33", "37": "25", "41": "45", "42": "43", "43": "41",
    "44": "51", "45": "53", "46": "57", "50": "40", "51": "61", "52": "55", "53": "65", "54": "85", "61": "71",
    "62": "73", "63": "81", "64": "75", "65": "83", "81": "99", "82": "99",
}  # fmt: skip
"""First two digits of the postal codes of a province, by the first two digits of its division code."""
_ANGLE = re.compile(
    r"(?P<before>北纬|南纬|东经|西经|[NSEW])? ?"
    r"(?P<degrees>[+-]?[0-9]{1,3}(?:\.[0-9]+)?)°?"
    r"(?:(?P<minutes>[0-9]{1,2})[′'](?:(?P<seconds>[0-9]{1,2}(?:\.[0-9]+)?)[″\"])?)? ?"
    r"(?P<after>[NSEW])?"
)
_SIDES = {"北纬": "N", "南纬": "S", "东经": "E", "西经": "W"}


def postcode(random: Random, province: str) -> str:
    """A six-digit postal code; `province` are the first two digits of its division code."""
    return POSTAL_PREFIX.get(province, "10") + chars(random, "0123456789", 4)


def coordinates(random: Random) -> str:
    """A pair of coordinates in China, decimal or in degrees."""
    latitude, longitude = random.uniform(18, 53), random.uniform(74, 134)
    places = random.randint(3, 7)
    a, b = f"{latitude:.{places}f}", f"{longitude:.{places}f}"
    north, east = (f"{int(value)}°{random.randint(0, 59)}′{random.randint(0, 59)}″" for value in (latitude, longitude))
    forms = [f"{a},{b}", f"{a}, {b}", f"{b},{a}", f"{b}, {a}", f"{a} {b}", f"北纬{north}，东经{east}"]
    return random.choice([*forms, f"N{a}, E{b}", f"{a}°N, {b}°E", f"东经{b}，北纬{a}"])


def _normal_coordinates(value: str) -> str:
    """Latitude and longitude in degrees with five decimals (about a metre), south and west below 0.

    The one above 90 is the longitude where no side is named; the value itself where it is no pair of angles.
    """
    angles = [_angle(match) for match in _ANGLE.finditer(value)]
    if len(angles) != 2:
        return value
    first, second = angles
    if first[1] in ("E", "W") or second[1] in ("N", "S") or abs(first[0]) > 90:
        first, second = second, first
    if abs(first[0]) > 90:
        return value
    return f"{first[0]:.5f},{second[0]:.5f}"


def _angle(match: re.Match[str]) -> tuple[float, str]:
    """Degrees, and the side that is named."""
    named = match["before"] or match["after"] or ""
    side = _SIDES.get(named, named)
    size = float(match["degrees"]) + int(match["minutes"] or 0) / 60 + float(match["seconds"] or 0) / 3600
    return (-size if side in ("S", "W") else size), side


def _like(value: str, random: Random) -> str:
    """Other degrees, minutes and seconds that an angle in China may have, with as many digits; all else stays."""

    def change(match: re.Match[str]) -> str:
        whole, point, decimals = match.group().partition(".")
        low, high = _RANGES.get(len(whole), (0, 10 ** len(whole) - 1))
        return f"{random.randint(low, high):0{len(whole)}}{point}{digits(random, len(decimals))}"

    return _NUMBER.sub(change, value)


POSTAL_CODE_FORMAT = Format(lambda random: postcode(random, county(random)[:2]))
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_RANGES = {3: (100, 135), 2: (18, 53)}
"""Whole degrees in China by the number of their digits; minutes and seconds fit as well."""
COORDINATES_FORMAT = Format(coordinates, normal=_normal_coordinates, like=_like)
