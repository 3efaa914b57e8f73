"""The engine made of rules."""

from collections.abc import Sequence

from schemas.engine import UnbiasedEngine
from schemas.spans.entity import Entity
from schemas.spans.overlap import disjoint, longest
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import DEFAULT_TYPES, EntityType
from schemas.text.text import Text
from serving.engines.rules.impersonal import belongs_to_nobody
from serving.engines.rules.named import NAMED_RECOGNISERS
from serving.engines.rules.patterns import RECOGNISERS
from serving.engines.rules.recogniser import NAMED, NamedRecogniser, Recogniser

_ALL: tuple[NamedRecogniser | Recogniser, ...] = (*NAMED_RECOGNISERS, *RECOGNISERS)


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
        return [_detect(Text.of(text), wanted) for text in texts]


def _detect(text: Text, wanted: frozenset[EntityType]) -> Prediction:
    folded = text.folded
    hits = [
        Detection(Entity(start, end, recogniser.type), score, "rule", validated)
        for recogniser in _ALL
        if recogniser.type in wanted or recogniser.type in DEFAULT_TYPES
        for start, end, score, validated in recogniser.find(folded)
    ]
    hits = [hit for hit in hits if not belongs_to_nobody(folded, hit.entity)]
    named = longest(hit for hit in hits if hit.score == NAMED)
    kept = tuple(hit for hit in disjoint([*named, *longest(hits)]) if hit.entity.type in wanted)
    return Prediction.unchecked(text, kept)
