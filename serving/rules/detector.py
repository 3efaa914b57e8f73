"""The detector made of rules."""

from bisect import bisect
from collections.abc import Iterable, Sequence

from schemas.entity import Entity, check_text
from schemas.fold import fold
from schemas.prediction import Detection, Prediction
from schemas.taxonomy import ALL_TYPES, DEFAULT_TYPES, EntityType
from serving.rules.patterns import RECOGNISERS

_RANK = {kind: rank for rank, kind in enumerate(ALL_TYPES)}


class RuleDetector:
    """Finds values of fixed form: numbers with check digits, addresses of machines, plates.

    An extension is no part of a phone number, a port or prefix length none of an IP address.
    """

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """Return one prediction per text, in order; `types` limits the search (default: the default-on types).

        Default-on types compete for a stretch of text whether requested or not: the digits inside an e-mail
        address are no phone number. Raises InvalidTextError for a text with lone surrogates.
        """
        wanted = frozenset(DEFAULT_TYPES if types is None else types)
        return [Prediction(text, tuple(_detect(text, wanted))) for text in texts]


def _detect(text: str, wanted: frozenset[EntityType]) -> list[Detection]:
    check_text(text)
    folded = fold(text)
    found = [
        Detection(Entity(start, end, recogniser.type), score, "rule", validated)
        for recogniser in RECOGNISERS
        if recogniser.type in wanted or recogniser.type in DEFAULT_TYPES
        for start, end, score, validated in recogniser.find(folded)
    ]
    return [detection for detection in _without_overlap(found) if detection.entity.type in wanted]


def _without_overlap(found: Iterable[Detection]) -> list[Detection]:
    """The longest detections, then those of higher score, then in the taxonomy's order; sorted by position."""
    starts: list[int] = []
    kept: list[Detection] = []
    for detection in sorted(found, key=_precedence):
        entity = detection.entity
        place = bisect(starts, entity.start)
        if place and kept[place - 1].entity.end > entity.start:
            continue
        if place < len(kept) and starts[place] < entity.end:
            continue
        starts.insert(place, entity.start)
        kept.insert(place, detection)
    return kept


def _precedence(detection: Detection) -> tuple[int, float, int, int]:
    entity = detection.entity
    return entity.start - entity.end, -detection.score, _RANK[entity.type], entity.start
