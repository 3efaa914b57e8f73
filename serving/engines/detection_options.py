"""What a caller asks an engine for, beside the texts: types, a least score, an operating point, rules of the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from schemas.per_type import PerType
from schemas.spans.prediction import Prediction
from schemas.taxonomy import Types
from serving.engines.custom_rules import CustomRules
from serving.engines.named_values import Detect, detect_named

OperatingPoint = Literal["recall", "balanced", "precision"]
"""What counts more, see docs/service/requests.md: that nothing is missed, or that nothing is marked wrongly."""


@dataclass(frozen=True, slots=True)
class Preference:
    """What an operating point sets: log-odds in favour of an entity, and the least score of one that is kept."""

    log_odds: float = 0.0
    min_score: float = 0.0


OPERATING_POINTS: Mapping[OperatingPoint, Preference] = {
    "recall": Preference(log_odds=2.0),
    "balanced": Preference(),
    "precision": Preference(min_score=0.8),  # F0.5 is highest there
}


@dataclass(frozen=True, slots=True)
class DetectionOptions:
    """What a caller looks for; `types` None are those on by default."""

    types: Types | None = None
    min_score: float | PerType[float] = 0.0
    operating_point: OperatingPoint = "balanced"
    custom_rules: CustomRules = CustomRules()  # noqa: RUF009 - frozen
    repeated_names: bool = True

    @property
    def log_odds(self) -> float:
        """The bias for `schemas.engine.Engine.with_bias`."""
        return OPERATING_POINTS[self.operating_point].log_odds

    def search(
        self,
        detect: Detect,
        texts: Sequence[str],
        names: Sequence[str] = (),
        before: CustomRules = CustomRules(),  # noqa: B008 - frozen
    ) -> list[Prediction]:
        """What `detect` finds in `texts`, and `apply` makes of it; `names` are those of the fields that hold them.

        Without `names` they are texts, not values of fields. Raises what `detect` and `apply` raise.
        """
        finish = partial(self.apply, before=before)
        return detect_named(detect, finish, texts, names) if names else finish(detect(texts))

    def apply(self, predictions: Sequence[Prediction], before: CustomRules = CustomRules()) -> list[Prediction]:  # noqa: B008
        """What the options leave of an engine's predictions, and add to them; rules `before` those of the caller count.

        Scores and repeats are dropped first: a detection that covers a value of the rules must not go after that value
        gave way to it. Raises CustomRulesError.
        """
        least = OPERATING_POINTS[self.operating_point].min_score
        min_score = PerType.of(self.min_score, 0.0).map(lambda score: max(score, least))
        kept = [prediction.at_least(min_score) for prediction in predictions]
        shown = kept if self.repeated_names else map(Prediction.without_repeats, kept)
        return self.custom_rules.apply(before.apply(shown))
