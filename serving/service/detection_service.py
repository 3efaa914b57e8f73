"""The engines as all routes of the service share them: batched, limited and counted."""

from collections.abc import Mapping, Sequence

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError

from schemas.engine import Engine
from schemas.spans.prediction import Prediction
from schemas.text.text import Text
from serving.engines.custom_rules import CustomRules
from serving.engines.detection_options import OPERATING_POINTS, DetectionOptions
from serving.service.batching import Batcher
from serving.service.metrics import Metrics
from serving.service.settings import ServiceSettings


class DetectionService:
    """Answers the routes from engines, each of which is called from four threads: two for each of its two biases.

    A request may name one of several engines.
    """

    def __init__(
        self,
        engine: Engine,
        settings: ServiceSettings,
        custom_rules: CustomRules,
        others: Mapping[str, Engine] = {},
    ) -> None:
        """Answer from `engine`, and from `others` where a request names one.

        All requests follow `custom_rules`, before the rules that a request has.
        """
        self._settings, self.metrics = settings, Metrics()
        self.custom_rules = custom_rules
        biases = {preference.log_odds for preference in OPERATING_POINTS.values()}
        self._batchers: Mapping[tuple[str | None, float], Batcher] = {
            (name, log_odds): self._batcher(one.with_bias(log_odds) if log_odds else one)
            for name, one in [(None, engine), *others.items()]
            for log_odds in biases
        }

    def _batcher(self, engine: Engine) -> Batcher:
        settings = self._settings
        changed = self.metrics.waiting.inc
        return Batcher(engine, settings.batch_characters, settings.in_flight, settings.deadline, changed)

    def detect(
        self,
        texts: Sequence[str],
        options: DetectionOptions,
        detector: str | None = None,
        names: Sequence[str] = (),
    ) -> list[Prediction]:
        """Return one prediction per text, in order, from the engine named `detector`; None is the first one.

        `names` are those of the fields that hold the texts, if they are values. Names that are read count
        as characters.

        Raises RequestValidationError for a name that no engine has, HTTPException 413 for more characters than the
        settings allow, InvalidTextError for a text with lone surrogates, Overloaded when too much waits,
        CustomRulesError for rules that take too long.
        """
        self._check_length(texts)
        if (batcher := self._batchers.get((detector, options.log_odds))) is None:
            known = ", ".join(sorted({name for name, _ in self._batchers if name})) or "none but its own"
            message = f"no such detector; this service has: {known}"
            raise RequestValidationError([{"loc": ("body", "detector"), "msg": message, "type": "unknown_detector"}])

        def detect(asked: Sequence[str]) -> list[Prediction]:
            self._check_length(asked)
            if options.types == ():  # rules of the caller alone
                return [Prediction(Text.of(text), ()) for text in asked]
            return batcher.detect(asked, options.types)

        predictions = options.search(detect, texts, names, self.custom_rules)
        self.metrics.count(predictions)
        return predictions

    def _check_length(self, texts: Sequence[str]) -> None:
        if sum(map(len, texts)) > self._settings.max_characters:
            raise HTTPException(413, f"more than {self._settings.max_characters} characters")

    def close(self) -> None:
        """Answer what waits; later calls raise Overloaded."""
        for batcher in self._batchers.values():
            batcher.close()
