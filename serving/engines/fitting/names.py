"""Where names of persons begin and end: titles, verbs and marks stay outside, and each name of a list is its own."""

import re
from collections.abc import Iterator

from schemas.formats.format import HAN
from schemas.spans.entity import Entity
from schemas.spans.tags import Span
from schemas.taxonomy import EntityType
from schemas.text.surnames import SURNAMES

_BETWEEN = re.compile(r" *(?:[\n\r、/|&]|(?i:\band\b)) *")
"""What stands between two names and in none."""
_TICKET = re.compile(
    "(?:(?:MC|MAC|DE|DI|DA|DOS|VAN|VON|LA|LE|EL|AL|ST) )?[A-Z]{2,}(?:['’-][A-Z]+)?/[A-Z]{2,}(?:['’ -][A-Z]+)*"
)
"""A name as tickets have it, surname first: `WANG/XIAOMING`."""
_INITIALS = re.compile(r"[A-Z]\.(?:[ -]?[A-Z]\.)*")
_HAN_NAME = re.compile("[㐀-鿿·]{2,4}|[㐀-鿿]{2,6}·[㐀-鿿]{1,6}")
_COMMA = re.compile(" *[,，] *")
_LAST_FOLLOWS = re.compile(" *[,，]? *(?:and|&) +[A-Z]")
"""What follows the last but one name of a list."""
_MARKS = r"[\s_`~#:：,，。\"'“”‘’「」『』【】()（）<>《》\[\]@]"
_FRONT = re.compile(
    rf"(?:{_MARKS}|(?<=[A-Za-z])[A-Za-z]+(?![A-Za-z])"
    r"|(?i:mr|mrs|ms|mx|dr|prof|messrs)(?:\.|(?=\s))"
    r"|(?:Rev|Capt|Lt|Sgt|Col|Gen|Hon|Dep|Sen|Gov|Rep|Pres)\."
    r"|(?:Best|Regards|Cheers|Thanks|Hi|Hello|Hey)(?=,)"
    r"|(?:Miss|MISS|(?i:sir or madam)|Sir|Madam|Lady|Lord|Dear|Aunt|Auntie|Aunty|Uncle)(?=\s|\Z)"
    r"|(?:(?:Vice |Prime )?(?:President|Minister)|CEO|CFO|CTO|Chairman|Chairwoman|Senator|Governor|Reverend|Sergeant)"
    r"(?=\s|\Z)"
    r"|(?:Attorney|Detective|Inspector|Patient|Employee|Customer|Client|Applicant|Tenant|Taxpayer)(?=\s|\Z)"
    r"|(?:Professor|Doctor|Nurse|Captain|Judge|Officer)(?=\s|\Z))+"
)
"""What stands before a name: marks, the rear of a word, titles."""
_REAR = re.compile(rf"(?:{_MARKS}|[,，]?\s+(?:Jr|Sr|Ph\.?D|M\.?D|Esq|MBA|CPA|RN|MR|MRS|MS|MISS|MSTR|CHD|INF)\b\.?)+\Z")
"""What stands behind a name: marks, degrees, titles of tickets."""
_EMPHASIS = re.compile(r"(\*{1,3})([^*]*)\*{0,3}")
_CUT_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]+\Z")
_WORD = re.compile(
    rf"(?:[加跟与找请给叫让替]|和(?!田)|其(?:[子女妻夫父母弟兄妹姐]|妻子|儿子|女儿|丈夫|父亲|母亲))(?=[{SURNAMES}][㐀-鿿]{{1,2}}\Z)"
)
"""A word that leads to a name and is no surname."""
_YU = re.compile("(?<=[加请找叫给让替和跟问交])于")
"""A surname that is a preposition elsewhere, but not behind these words."""
_NAME = f"[{SURNAMES}][㐀-鿿]"
_TAIL = re.compile(
    rf"(?<={_NAME})于(?=[明今昨前后本周每0-9])|(?<={_NAME})之(?=[子女父母妻夫弟妹兄姐])|(?<=[让叫请喊派]{_NAME})来|(?<=问{_NAME})要"
)
"""The word behind a name of two characters that looks like the third."""


def name_spans(text: str, start: int, end: int) -> list[Span]:
    """The spans of the names that a model marked as one in `text`, from `start` to `end`; none where it is no name.

    A sign or letter that stands alone in the line above a name is none.
    """
    if is_wrapped(text, start, end):
        return [(start, end)]
    parts = [_trimmed(text, *name) for part in _parts(text, start, end) for name in _listed(text, *part)]
    spans = [(first, last) for first, last in parts if first < last]
    if len(spans) > 1 and spans[0][1] - spans[0][0] == 1 and text.find("\n", spans[0][1], spans[1][0]) >= 0:
        return spans[not HAN.match(text, spans[0][0]) :]
    return spans


def is_wrapped(text: str, start: int, end: int) -> bool:
    """Whether a Chinese name is broken over lines, one of which has a single character of it."""
    lines = ["".join(line.split()) for line in text[start:end].split("\n")]
    is_broken = len(lines) > 1 and min(map(len, lines)) == 1
    return is_broken and bool(_HAN_NAME.fullmatch("".join(lines)))


def is_one_name(text: str, first: Entity, second: Entity) -> bool:
    """Whether two entities are parts of one name: words of Latin letters with a space or `/` between, or two lines.

    Initials behind a comma belong to the surname before: `Shih, Y.-L.`.
    """
    if not first.type is second.type is EntityType.PERSON_NAME:
        return False
    between = text[first.end : second.start]
    if between == ", ":
        return bool(_INITIALS.fullmatch(text, second.start, second.end)) and text[first.end - 1].isascii()
    if between == " ":
        return (text[first.end - 1] + text[second.start]).isascii()
    if between == "/":
        return bool(_TICKET.fullmatch(text, first.start, second.end))
    if not between.isspace() or not is_wrapped(text, first.start, second.end):
        return False
    ends_in_one = second.end - second.start == 1 and not HAN.match(text, second.end)
    return ends_in_one or (first.end - first.start == 1 and text[first.start] in SURNAMES)


def _parts(text: str, start: int, end: int) -> list[Span]:
    """The names between separators, save those within a name of a ticket."""
    parts: list[Span] = []
    for part in _split(_BETWEEN, text, start, end):
        if parts and _TICKET.fullmatch(text, parts[-1][0], part[1]):
            part = (parts.pop()[0], part[1])
        parts.append(part)
    return parts


def _split(separator: re.Pattern[str], text: str, start: int, end: int) -> Iterator[Span]:
    for match in separator.finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end


def _listed(text: str, start: int, end: int) -> list[Span]:
    """The names between commas; `Smith, John` and `Jane Doe, PhD` are one."""
    parts = list(_split(_COMMA, text, start, end))
    if len(parts) == 2 and text[start].isascii() and not _LAST_FOLLOWS.match(text, end):
        words = [text[first:last].split() for first, last in parts]
        if min(map(len, words)) < 2:
            return [(start, end)]
    return parts


def _trimmed(text: str, start: int, end: int) -> Span:
    if emphasis := _EMPHASIS.fullmatch(text, start, end):
        start, end = emphasis.span(2)
    if (word := _CUT_WORD.search(text, start, end)) and text[end : end + 1].isascii() and text[end : end + 1].isalpha():
        end = word.start()
    if front := _FRONT.match(text, start, end):
        start = front.end()
    if rear := _REAR.search(text, start, end):
        end = rear.start()
    if word := _WORD.match(text, start, end):
        start = word.end()
    elif _YU.match(text, start - 1, start) and end - start <= 2:
        start -= 1
    elif end - start == 3 and _TAIL.match(text, end - 1):
        end -= 1
    return start, end
