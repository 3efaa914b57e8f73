"""Where values of a fixed form stand, whatever the words around them."""

from collections.abc import Iterable

from schemas.taxonomy import EntityType
from schemas.text.fold import fold
from serving.engines.rules.patterns import RECOGNISERS

FORMED = frozenset(recogniser.type for recogniser in RECOGNISERS)
"""The types whose values have a fixed form."""


def formed_spans(text: str, types: Iterable[EntityType]) -> dict[EntityType, list[tuple[int, int]]]:
    """The half-open spans in `text` that match a pattern of each of `types` that has any; cues and checks play no part.

    The text holds no lone surrogates.
    """
    folded = fold(text)
    spans: dict[EntityType, list[tuple[int, int]]] = {kind: [] for kind in types if kind in FORMED}
    for recogniser in RECOGNISERS:
        if recogniser.type in spans:
            spans[recogniser.type] += [match.span() for match in recogniser.pattern.finditer(folded)]
    return spans
