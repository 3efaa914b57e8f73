"""Values of fields and columns are read behind their names: `phone` says what eleven digits are.

A name may also mislead: behind `message` a QQ number was not found that was found alone. So a value of which something
is left is read alone, too, and what is sure there stays (`_SURE`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from schemas.engine import Detect
from schemas.spans.entity import Entity
from schemas.spans.overlap import give_way
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
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
validation texts behind names that say nothing of them .69 were found whole behind the name, .74 with this, .79 from
.5 on; of 209 cells without personal data 198, 197 and 188 stayed clean."""
_THINGS = re.compile(
    r"(?:(?<![a-z])(?:order|waybill|tracking|parcel|shipment|invoice|trade|transaction)s?|"
    r"(?:订|訂|运|運|快递|快遞)[单單]|快递|快遞|物流|包裹|流水|交易|发票|發票|(?<![简簡名])[单單](?=[号號]))"
    r"(?:号码?|號碼?|编号|編號|[ _-]?(?:no|num|number|id|code|sn)|#)?: \Z",
    re.IGNORECASE,
)
"""Names of fields whose numbers are those of things, however much they look like phone numbers."""
_NUMBER = re.compile(r"[\W_]*(?:[A-Za-z]{0,6}-?\d[\d-]*|[0-9A-Fa-f-]+)[\W_]*")
"""What may be a number of a thing: one number, with a few letters before it, or an identifier in hexadecimal digits."""

Rule = Callable[[Sequence[Prediction]], list[Prediction]]
"""Changes predictions by rules of the caller."""


def detect_named(detect: Detect, rule: Rule, values: Sequence[str], names: Sequence[str]) -> list[Prediction]:
    """What `detect` finds in each of `values`, read behind its name and alone, and what `rule` makes of it.

    A name may be a path, of which the last step that is no number is read; "" is none. Long values and those of several
    lines are read alone. Rules see values without their names. A number in which something is found is an entity as it
    is written; if nothing is found in it, rules also see it so. Raises InvalidTextError for a value with lone
    surrogates.
    """
    plain = [plain_number(Text.of(value)) for value in values]
    written = {number: value for number, value in enumerate(values) if plain[number] != value}
    ruled = rule([*_detected(detect, plain, names), *(Prediction(value, ()) for value in written.values())])
    predictions = ruled[: len(values)]
    for (number, value), prediction in zip(written.items(), ruled[len(values) :], strict=True):
        predictions[number] = _as_written(predictions[number] if predictions[number].detections else prediction, value)
    return predictions


def _detected(detect: Detect, values: Sequence[str], names: Sequence[str]) -> list[Prediction]:
    labels = {name: _label(name) for name in set(names)}
    before = [
        labels[name] if len(value) <= _NAMED and "\n" not in value else ""
        for name, value in zip(names, values, strict=True)
    ]
    read = _found_once(detect, ["".join(parts) for parts in zip(before, values, strict=True)])
    found = list(map(_within, read, before, values))
    partly = [number for number, one in enumerate(found) if before[number] and _has_more(one)]
    if partly:
        for number, alone in zip(partly, _found_once(detect, [values[number] for number in partly]), strict=True):
            found[number] = _joined(found[number], alone, before[number])
    return found


def _found_once(detect: Detect, texts: Sequence[str]) -> list[Prediction]:
    """The predictions of `texts`, of which many are equal: columns have few values, or the same ones again."""
    different = list(dict.fromkeys(texts))
    found = dict(zip(different, detect(different), strict=True))
    return [found[text] for text in texts]


def _label(name: str) -> str:
    """What is read before a value of a field of this name."""
    steps = [step.strip() for step in name.replace("[*]", "").split(".")]
    last = next((step for step in reversed(steps) if step and not step.isdecimal()), LINES)
    return f"{last}: " if last != LINES and len(last) <= _NAME and is_text(last) else ""


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
    is_of_things = _THINGS.search(before) is not None

    def stays(found: Detection) -> bool:
        if found.score < _SURE:
            return False
        if not _may_be_number_of_thing(alone.text, found):
            return True
        entity = Entity(found.start + shift, found.end + shift, found.type)
        return not (is_of_things or belongs_to_nobody(read, entity))

    return Prediction(named.text, tuple(give_way(list(filter(stays, alone.detections)), named.detections)))


def _may_be_number_of_thing(value: str, found: Detection) -> bool:
    """Whether `value` is one number, and nothing proves that it is what it looks like."""
    is_proven = found.validated is True and found.type.info.strong_check and found.type is not EntityType.PHONE_NUMBER
    return not is_proven and _NUMBER.fullmatch(value) is not None


def _as_written(prediction: Prediction, written: str) -> Prediction:
    """The prediction about the `plain_number` of what is `written`: all of that is one entity, of its longest one."""
    longest = max(prediction.detections, key=lambda one: one.end - one.start, default=None)
    whole = () if longest is None else (replace(longest, entity=Entity(0, len(written), longest.type)),)
    return Prediction(written, whole)
