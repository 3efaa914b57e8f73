"""Where an address ends: not within a number, and before the phone number that stands glued to it."""

import re

from schemas.formats.phone import PLAIN_MOBILE
from schemas.spans.tags import Span

_PHONE = re.compile(rf" ?{PLAIN_MOBILE}\Z")
_REST = re.compile(
    rf"(?:[0-9A-Z]{{0,4}}(?:单元|号楼|[栋幢座楼层号室]))*[0-9]{{0,4}}?(?={PLAIN_MOBILE}(?![0-9]))|(?<=[0-9])[0-9]{{1,4}}(?![0-9])"
)
_UNITS = "栋幢座楼层元号室#-0123456789ABCDEFGH"
"""What stands before the number of a part of a building."""


def address_span(folded: str, start: int, end: int) -> Span:
    """The span of the address that a model marked in the `folded` text from `start` to `end`."""
    if phone := _PHONE.search(folded, start + 1, end):
        end = phone.start()
    elif folded[end - 1] in _UNITS and (rest := _REST.match(folded, end)):
        end = rest.end()
    return start, end
