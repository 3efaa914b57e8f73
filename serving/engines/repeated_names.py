"""Further mentions of names and screen names: what is found once is found everywhere in its text.

A model reads each mention in its own context and misses some, above all of names that are also words (高兴, 平安). The
scores and lists below were chosen on written and news texts; docs/log.md has what the pass finds there and what of it
is wrong.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import inf

from schemas.formats.format import HAN
from schemas.spans.entity import Entity
from schemas.spans.overlap import disjoint
from schemas.spans.prediction import Detection
from schemas.taxonomy import EntityType
from schemas.text.beginnings import Beginnings

_MIN_SCORE, _MIN_WORD_SCORE = 0.85, 0.95
"""Least score of a name whose further mentions are marked, and of one that is a single word of an alphabet."""
_SHORTEST = 2
"""Characters of a name that is looked for."""
_SHORTEST_WORD = 2
_SHORTEST_SCREEN_NAME = 3
_HAN_WORD = re.compile(r"(?<=[很太更最挺极真好多常分别么不没祝])..|(?<=祝[你您])..|(?<=一路)..|..(?=[地得极坏])")
"""A name of two characters that is an adjective or a verb here: 很高兴, 高兴地."""
_HAN_PART = re.compile(
    r"[路街镇村县牌杯]|大[学道厦]|[中小]学|学[院校]|医院|公司|集团|银行|保险|证券|基金|酒店|宾馆|饭店|餐厅|超市|商场|广场|花园|小区|公园|机场|车站"
)
"""What makes a longer name of a place, a brand or an organisation of a name before it."""
_LATIN_BEFORE = re.compile(r"[0-9A-Za-z_@./\\-]")
_LATIN_AFTER = re.compile(r"[0-9A-Za-z_@/\\-]|\.[0-9a-z]")
_LATIN_WORD = re.compile(r" (?:I|you|we|he|she|they|it|this|that|the|not|be|have)\b")
"""What shows that one capitalised word is a verb: Will you, May I, Mark the."""


def with_repeated_names(folded: str, detections: Sequence[Detection]) -> tuple[Detection, ...]:
    """`detections` of a folded text, and detections of their names wherever these stand in what is free of others.

    `detections` are sorted and disjoint, and so is the result. A repeat has type and score of its name's best mention.
    """
    return with_names(folded, detections, repeatable_names(folded, detections))


def repeatable_names(folded: str, detections: Iterable[Detection]) -> dict[str, Detection]:
    """The names among the detections of a folded text that are sure enough to be looked for elsewhere."""
    names: dict[str, Detection] = {}
    for detection in detections:
        name = folded[detection.entity.start : detection.entity.end]
        best_so_far = names[name].score if name in names else 0.0
        if detection.score >= max(_least_score(name, detection.entity.type), best_so_far):
            names[name] = detection
    return names


def with_names(folded: str, detections: Sequence[Detection], names: Mapping[str, Detection]) -> tuple[Detection, ...]:
    """`detections` of a folded text, and detections of `names` wherever these stand in what is free of others."""
    if not names:
        return tuple(detections)
    wanted = Beginnings(_SHORTEST)
    for name in names:
        wanted.add(name, name)
    mentions = (
        (start, name)
        for start in wanted.starts(folded)
        for name, _ in wanted.at(folded, start)
        if _is_mention(folded, start, start + len(name))
    )
    repeats = (
        Detection(Entity(start, start + len(name), names[name].entity.type), names[name].score, "repeat")
        for start, name in sorted(mentions, key=lambda mention: -len(mention[1]))
    )
    return tuple(disjoint(chain(detections, repeats)))


def is_mentioned(folded: str, name: str) -> bool:
    """Whether `name` stands in a folded text as a name, and not as a part of a longer word."""
    places = (match.start() for match in re.finditer(re.escape(name), folded))
    return any(_is_mention(folded, start, start + len(name)) for start in places)


def _least_score(name: str, kind: EntityType) -> float:
    """The score with which `name` is looked for: never that of a lone surname, an initial or a word in capitals."""
    if kind is EntityType.USERNAME:
        return _MIN_SCORE if len(name) >= _SHORTEST_SCREEN_NAME else inf
    if kind is not EntityType.PERSON_NAME:
        return inf
    if HAN.match(name):
        return _MIN_SCORE if len(name) > 1 else inf
    if " " in name:
        return _MIN_SCORE
    return _MIN_WORD_SCORE if name.istitle() and len(name) > _SHORTEST_WORD else inf


def _is_mention(folded: str, start: int, end: int) -> bool:
    """Whether what stands between `start` and `end` of a text, a name, is one there and no part of a longer word."""
    is_mention = _is_chinese_mention if HAN.match(folded, start) else _is_word_mention
    return is_mention(folded, start, end)


def _is_chinese_mention(folded: str, start: int, end: int) -> bool:
    is_word = end - start == 2 and _HAN_WORD.match(folded, start)
    return not is_word and not _HAN_PART.match(folded, end)


def _is_word_mention(folded: str, start: int, end: int) -> bool:
    if _LATIN_AFTER.match(folded, end) or _LATIN_BEFORE.match(folded, max(start - 1, 0), start):
        return False
    return " " in folded[start:end] or not _LATIN_WORD.match(folded, end)
