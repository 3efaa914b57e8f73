"""Where an address begins and ends: with all of its units, not within a number, before a phone number glued to it."""

import re

from schemas.formats.phone import PLAIN_MOBILE
from schemas.spans.tags import Span

_PHONE = re.compile(rf" ?{PLAIN_MOBILE}\Z")
_REST = re.compile(
    rf"(?:[0-9A-Z]{{0,4}}(?:单元|号楼|[栋幢座楼层号室]))*[0-9]{{0,4}}?(?={PLAIN_MOBILE}(?![0-9]))|(?<=[0-9])[0-9]{{1,4}}(?![0-9])"
)
_UNITS = "栋幢座楼层元号室#-0123456789ABCDEFGH"
"""What stands before the number of a part of a building."""
_UNIT_BEHIND = re.compile(
    "(?:(?<=[0-9][號号])[0-9]{1,3}[樓楼F]|(?<=[0-9][樓楼號号F])之(?:[0-9]{1,3}|[一二三四五六七八九十]{1,2})|(?<=[樓楼層层座])(?:[0-9]{1,4}|[A-Z](?:-[A-Z])?)[室座])+"
)
"""Units as Taiwan (5樓之1) and Hong Kong (12樓A室) write them."""
_NUMBERED_UNIT = (
    r"(?:(?:Flat|Room|Rm\.?|Unit|Suite|Shop|Office|Tower|Block|Blk|Phase|Level) [A-Z0-9-]{1,6}|[0-9]{1,3}/F)"
)
_BUILDING = r"(?:(?:The )?[A-Z][a-z]{1,15}(?: [A-Z][a-z]{1,15}){0,3}, ?)?"
_UNITS_BEFORE = re.compile(rf"(?<![A-Za-z0-9])(?:{_NUMBERED_UNIT},? ?){{1,4}}{_BUILDING}\Z")
"""Units and building before the road, as Hong Kong writes them in English: 21/F, Tower 3."""
_LONGEST_UNITS = 100


def address_span(folded: str, start: int, end: int) -> Span:
    """The span of the address that a model marked in the `folded` text from `start` to `end`."""
    if phone := _PHONE.search(folded, start + 1, end):
        end = phone.start()
    elif folded[end - 1] in _UNITS and (rest := _REST.match(folded, end)):
        end = rest.end()
    elif unit := _UNIT_BEHIND.match(folded, end):
        end = unit.end()
    while folded[start - 1 : start].isascii() and folded[start - 1 : start].isalpha() and folded[start].isascii():
        start -= 1
    if folded[start].isascii() and (units := _UNITS_BEFORE.search(folded, max(0, start - _LONGEST_UNITS), start)):
        start = units.start()
    return start, end
