"""Values of fields and columns are read behind their names: `phone` says what eleven digits are.

A name may also mislead: behind `message` a QQ number was not found that was found alone. So a value of which something
is left is read alone, too, and what is sure there stays (`_SURE`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from schemas.spans.entity import Entity
from schemas.spans.overlap import give_way
from schemas.spans.prediction import Detection, Prediction
from schemas.text.numbers import plain_number
from schemas.text.text import Text, is_text
from serving.engines.rules.impersonal import belongs_to_nobody

LINES = "text"
"""A name that says nothing of what is in a field: it is not read."""
_NAME = 40
"""Characters of a name up to which it is read."""
_NAMED = 100
"""Characters of a value up to which its name is read with it."""
_SURE = 0.8
"""Score from which a value found alone stands against the name of its field. Of 525 personal values of the written
validation texts behind names that say nothing of them .69 were found whole behind the name, .75 with this, .79 from
.5 on; of 209 cells without personal data 198, 196 and 188 stayed clean."""
_THINGS = re.compile(
    r"(?:(?:order|waybill|tracking|parcel|shipment|invoice|trade|transaction)s?(?:[ _-]?(?:no|num|number|id|code|sn))?|"
    r"(?:订单|訂單|运单|運單|快递|快遞|物流|包裹|流水|交易|发票|發票)(?:号码?|號碼?|编号|編號)?|[单單][号號]): \Z",
    re.IGNORECASE,
)
"""Names of fields whose numbers are those of things, however much they look like phone numbers."""

Detect = Callable[[Sequence[str]], list[Prediction]]
"""Gives one prediction a text, in order."""
Finish = Callable[[Sequence[Prediction]], list[Prediction]]
"""Makes predictions what was asked for: those of another score or type go, and rules of the caller count."""


def detect_named(detect: Detect, finish: Finish, values: Sequence[str], names: Sequence[str]) -> list[Prediction]:
    """What `detect` finds in each of `values`, read behind its name and alone, and what `finish` makes of it.

    A name may be a path, of which the last step that is no number is read; "" is none. Long values and those of several
    lines are read alone. `finish` sees values without their names. A number in which something is found is an entity as
    it is written; `finish` sees it in both forms.
    """
    plain = list(map(plain_number, values))
    finished = finish(_detected(detect, plain, names))
    written = {number: value for number, value in enumerate(values) if plain[number] != value}
    again = finish([_as_written(finished[number], value) for number, value in written.items()])
    for number, prediction in zip(written, again, strict=True):
        finished[number] = prediction
    return finished


def _detected(detect: Detect, values: Sequence[str], names: Sequence[str]) -> list[Prediction]:
    before = [_before(name, value) for name, value in zip(names, values, strict=True)]
    found = list(map(_within, detect(["".join(parts) for parts in zip(before, values, strict=True)]), before, values))
    open_ = [number for number, one in enumerate(found) if before[number] and _has_more(one)]
    if open_:
        for number, alone in zip(open_, detect([values[number] for number in open_]), strict=True):
            found[number] = _joined(found[number], alone, before[number])
    return found


def _before(name: str, value: str) -> str:
    """What is read before a value."""
    steps = [step for step in name.replace("[*]", "").split(".") if step and not step.isdecimal()]
    last = steps[-1] if steps else LINES
    is_read = last != LINES and len(last) <= _NAME and is_text(last) and len(value) <= _NAMED and "\n" not in value
    return f"{last}: " if is_read else ""


def _within(prediction: Prediction, before: str, value: str) -> Prediction:
    """The part of a prediction that is about the value alone."""
    shift = len(before)
    kept = (
        replace(found, entity=Entity(max(found.start - shift, 0), found.end - shift, found.type))
        for found in prediction.detections
        if found.end > shift
    )
    return Prediction(value, tuple(kept))


def _has_more(prediction: Prediction) -> bool:
    """Whether letters or digits are left outside what was found."""
    end = 0
    for found in prediction.detections:
        if any(map(str.isalnum, prediction.text[end : found.start])):
            return True
        end = found.end
    return any(map(str.isalnum, prediction.text[end:]))


def _joined(named: Prediction, alone: Prediction, before: str) -> Prediction:
    """With what is sure in the value alone, unless its name says that it is nobody's; the longer one stands."""
    shift, read = len(before), Text.of(before + named.text).folded

    def stays(found: Detection) -> bool:
        if found.score < _SURE or (found.start == 0 and not found.type.info.in_words and _THINGS.search(before)):
            return False
        return not belongs_to_nobody(read, Entity(found.start + shift, found.end + shift, found.type))

    return Prediction(named.text, tuple(give_way(list(filter(stays, alone.detections)), named.detections)))


def _as_written(prediction: Prediction, written: str) -> Prediction:
    """The prediction about the `plain_number` of what is `written`: all of that is one entity, of its longest one."""
    longest = max(prediction.detections, key=lambda one: one.end - one.start, default=None)
    whole = () if longest is None else (replace(longest, entity=Entity(0, len(written), longest.type)),)
    return Prediction(written, whole)
