"""The detector made of rules."""

from collections.abc import Sequence

from schemas.engine import UnbiasedEngine
from schemas.spans.entity import Entity, check_text
from schemas.spans.overlap import longest
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import DEFAULT_TYPES, EntityType
from schemas.text.fold import fold
from serving.engines.rules.patterns import RECOGNISERS


class RulesEngine(UnbiasedEngine):
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
    detections = [
        Detection(Entity(start, end, recogniser.type), score, "rule", validated)
        for recogniser in RECOGNISERS
        if recogniser.type in wanted or recogniser.type in DEFAULT_TYPES
        for start, end, score, validated in recogniser.find(folded)
    ]
    return [detection for detection in longest(detections) if detection.entity.type in wanted]
