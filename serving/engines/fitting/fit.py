"""What a model marked, cut to the form of its type.

A model reads the words around a value and is sure of the type; where the value ends it may miss by a few characters.

1. A span that has the form of its type (`schemas.formats`) stays as it is, also if its digits are Chinese numerals or
   letters that a machine read for digits.
2. Otherwise the parts of it that have that form stand instead: `330106198503121234haha` ends where the number does, and
   `13800138000/13900139000` is two numbers.
3. 18 digits that name a province and a birth date are a resident ID number, whatever the model says.
4. A number that is too long for its type is a bank account, since that type alone has no fixed length; a passport
   number under another name is a passport number.
5. A span without such a part goes: an `EMAIL` without `@`, words as `SECRET_KEY`, white space alone.
6. A circled number beside a number that is not circled is the mark of an item: `①13800138000②`.
7. A value that runs on into a row which itself goes on is two: of a number the first stays, of a screen name the last.
8. Names and addresses have borders of their own (`names`, `addresses`).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from schemas.formats.documents import CHINESE_PASSPORT
from schemas.formats.format import compact
from schemas.formats.identity import has_resident_form
from schemas.formats.phone import NUMERAL_DIGITS, NUMERALS, PLAIN_MOBILE
from schemas.formats.registry import FORMATS
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from schemas.text.text import Text
from serving.engines.fitting.addresses import address_span
from serving.engines.fitting.names import is_one_name, is_wrapped, name_spans

_FORMS = {kind: re.compile(form.form) for kind, form in FORMATS.items() if form.form}
_OTHERS = (
    (re.compile("[0-9](?:(?: {0,2}| ?- ?)[0-9]){14,27}"), EntityType.BANK_ACCOUNT_NUMBER),
    (re.compile(CHINESE_PASSPORT), EntityType.PASSPORT_NUMBER),
)
"""What a value is that cannot be of the type which the model says."""
_MAY_BREAK = frozenset({EntityType.ADDRESS, EntityType.SECRET_KEY})
"""Types whose values go over several lines."""
_NAME = EntityType.PERSON_NAME
_ITEM_BEFORE, _ITEM_BEHIND = re.compile(r"[①-⓿❶-➓]\s*(?=[0-9A-Za-z])"), re.compile(r"(?<=[0-9A-Za-z])\s*[①-⓿❶-➓]\Z")
_ROW_GOES_ON = tuple(" ,\t|:")
_DIGITS = NUMERAL_DIGITS | str.maketrans("OoIl‐–—−", "0011----")
_ODD_DIGIT = re.compile(f"[{NUMERALS}]|(?<![A-Za-z])[OoIl](?=[0-9])|(?<=[0-9])[OoIl](?=[0-9])|[‐–—−]")
"""A Chinese numeral, or what a machine reads for a digit or a hyphen."""
_PHONE_LENGTH = 11
_TOUCHING_PHONES = re.compile(f"(?:{PLAIN_MOBILE}){{2,3}}")


def fit(prediction: Prediction) -> Prediction:
    """A model's `prediction` with each detection cut to the form of its type.

    What an address takes in before it goes; what one takes in behind it, the next one loses.
    """
    text = Text.of(prediction.text)
    fitted: list[Detection] = []
    end = 0
    marked = (one for one in prediction.detections if not text[one.start : one.end].isspace())
    for detection in marked:
        for entity in _fitted(text, _within_row(text, detection.entity)):
            while fitted and entity.start < detection.entity.start and entity.start <= fitted[-1].entity.start:
                fitted.pop()
                end = fitted[-1].entity.end if fitted else 0
            if fitted and is_one_name(text, fitted[-1].entity, entity):
                entity = replace(entity, start=fitted.pop().entity.start)
                fitted.append(replace(detection, entity=entity))
            elif entity.end > end:
                fitted.append(replace(detection, entity=replace(entity, start=max(entity.start, end))))
            end = max(end, entity.end)
    return Prediction.unchecked(text, tuple(fitted))


def _within_row(text: Text, entity: Entity) -> Entity:
    """`entity` without the beginning of a row that it takes in, as `0391⏎2` in `卡号 6222 0391⏎2 手续费 15.5`."""
    marked = text[entity.start : entity.end]
    if marked.strip() != marked:
        start = entity.start + len(marked) - len(marked.lstrip())
        return _within_row(text, replace(entity, start=start, end=start + len(marked.strip())))
    lines = marked.split("\n")
    may_break = entity.type in _MAY_BREAK or (entity.type is _NAME and is_wrapped(text, entity.start, entity.end))
    if len(lines) == 1 or may_break or not text.startswith(_ROW_GOES_ON, entity.end):
        return entity
    if entity.type is EntityType.USERNAME:
        return replace(entity, start=entity.end - len(lines[-1].lstrip()))
    return replace(entity, end=entity.start + len(lines[0].rstrip()))


def _fitted(text: Text, entity: Entity) -> Iterator[Entity]:
    if entity.type is _NAME:
        yield from (Entity(start, end, entity.type) for start, end in name_spans(text, entity.start, entity.end))
    elif entity.type is EntityType.ADDRESS:
        yield Entity(*address_span(text.folded, entity.start, entity.end), entity.type)
    elif _TOUCHING_PHONES.fullmatch(text.folded, entity.start, entity.end):
        starts = range(entity.start, entity.end, _PHONE_LENGTH)
        yield from (Entity(start, start + _PHONE_LENGTH, EntityType.PHONE_NUMBER) for start in starts)
    elif has_resident_form(compact(text.folded[entity.start : entity.end])):
        yield replace(entity, type=EntityType.ID_CARD_NUMBER)
    else:
        yield from _formed(text.folded, _without_items(text, entity))


def _without_items(text: str, entity: Entity) -> Entity:
    """A number without the marks of items, which would be digits of it in the folded text."""
    if entity.type not in FORMATS:
        return entity
    before = _ITEM_BEFORE.match(text, entity.start, entity.end)
    behind = _ITEM_BEHIND.search(text, entity.start, entity.end)
    start, end = before.end() if before else entity.start, behind.start() if behind else entity.end
    return replace(entity, start=start, end=end) if start < end else entity


def _formed(text: str, entity: Entity) -> Iterator[Entity]:
    form = _FORMS.get(entity.type)
    marked = text[entity.start : entity.end]
    if form is None or form.fullmatch(marked) or form.fullmatch(_ODD_DIGIT.sub(_digit, marked)):
        yield entity
    elif others := [kind for pattern, kind in _OTHERS if pattern.fullmatch(marked)]:
        yield replace(entity, type=others[0])
    else:
        spans = ((entity.start + match.start(), entity.start + match.end()) for match in form.finditer(marked))
        yield from (Entity(start, end, entity.type) for start, end in spans if _is_whole(text, start, end))


def _digit(match: re.Match[str]) -> str:
    return match[0].translate(_DIGITS)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether what stands between `start` and `end` is not the rear of a word, nor the front of a longer number."""
    before, first, last, after = text[start - 1 : start], text[start], text[end - 1], text[end : end + 1]
    glued = before.isascii() and before.isalnum() and first.isascii()
    return not glued and not (last.isdecimal() and after.isdecimal())
