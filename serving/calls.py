"""How the routes of the service call the detector."""

from collections.abc import Callable, Sequence

from schemas.prediction import Prediction
from schemas.taxonomy import EntityType

Detect = Callable[[Sequence[str], Sequence[EntityType] | None, float], list[Prediction]]
"""Predictions of texts, for types, of at least a score; raises what the service answers with when it refuses."""
