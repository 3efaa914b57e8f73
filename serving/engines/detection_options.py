"""What a caller asks an engine for, beside the texts: types, a least score, an operating point, rules of the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.engine import Detect
from schemas.per_type import PerType
from schemas.spans.prediction import Prediction
from schemas.taxonomy import Types
from serving.engines.custom_rules import CustomRules

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
        """What the options leave of what `detect` finds in `texts`, and add to it; rules `before` the caller's count.

        `names` are those of the fields that hold the texts, if they are values. Scores and repeats are dropped first: a
        detection that covers a value of the rules must not go after that value gave way to it. Raises what `detect`
        raises, and CustomRulesError.
        """

        def keep(texts: Sequence[str]) -> list[Prediction]:
            return self._kept(detect(texts))

        def rule(predictions: Sequence[Prediction]) -> list[Prediction]:
            return self.custom_rules.apply(before.apply(predictions))

        if not names:
            return rule(keep(texts))
        from serving.engines.named_values import detect_named  # it loads the rules, which texts may not need

        return detect_named(keep, rule, texts, names)

    def _kept(self, predictions: Sequence[Prediction]) -> list[Prediction]:
        """The predictions without what scores too low and without repeats that are not wanted."""
        least = OPERATING_POINTS[self.operating_point].min_score
        min_score = PerType.of(self.min_score, 0.0).map(lambda score: max(score, least))
        kept = [prediction.at_least(min_score) for prediction in predictions]
        return kept if self.repeated_names else list(map(Prediction.without_repeats, kept))
