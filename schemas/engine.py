"""The interface that every engine has: texts in, predictions out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType


class Engine(Protocol):
    """Anything that finds entities: the tagger, the rules, both together, an LLM, another tool."""

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """Return one prediction per text, in order; `types` limits the search (default: the default-on types).

        Raises InvalidTextError for a text with lone surrogates.
        """
        ...

    def with_bias(self, log_odds: float) -> Engine:
        """The same engine with `log_odds` (natural logarithm) added in favour of an entity: above 0 it finds more."""
        ...


class UnbiasedEngine:
    """Base of engines that cannot trade precision for recall: a bias leaves them as they are."""

    def with_bias(self, log_odds: float) -> Self:
        """Itself."""
        return self
