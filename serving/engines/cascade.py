"""Two engines in a row: the first reads every text, the second what the first is unsure of.

1. A segment of a text is hard if a detection of the first engine in it scores from `ask_from` to below `ask_below`.
2. The second engine is asked about hard segments alone. Its detections take the place of those unsure ones; what the
   first was sure of stays, unless one of them encloses it, and is cut out of those that it overlaps otherwise.
3. Detections below `ask_from` go.
"""

from collections.abc import Iterator, Sequence

from schemas.engine import Engine
from schemas.spans.overlap import give_way, longest
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from schemas.text.sentences import OVERLAP, SEGMENT, segments
from schemas.text.text import Text

_Part = tuple[int, int, int]
"""Number of the text, start and end of the segment in it."""


class CascadeEngine:
    """Asks `second` about what `first` is unsure of; itself a `schemas.engine.Engine`."""

    def __init__(self, first: Engine, second: Engine, ask_from: float, ask_below: float) -> None:
        """`ask_from` and `ask_below` are scores of the first engine."""
        self._first, self._second = first, second
        self._ask_from, self._ask_below = ask_from, ask_below

    def with_bias(self, log_odds: float) -> "CascadeEngine":
        """The same limits, both engines with `log_odds` more in favour of an entity."""
        engines = self._first.with_bias(log_odds), self._second.with_bias(log_odds)
        return CascadeEngine(*engines, self._ask_from, self._ask_below)

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """Return one prediction per text, in order. Raises what the two engines raise."""
        read = [prediction.at_least(self._ask_from) for prediction in self._first.detect(texts, types)]
        hard = [part for number, prediction in enumerate(read) for part in self._hard(number, prediction)]
        parts = [Text.of(read[number].text)[start:end] for number, start, end in hard]
        answered: dict[int, list[Detection]] = {number: [] for number, _, _ in hard}
        for (number, start, _), answer in zip(hard, self._second.detect(parts, types) if parts else (), strict=True):
            answered[number] += [found.moved(start) for found in answer.detections]
        for number, detections in answered.items():
            read[number] = self._merged(read[number], detections)
        return read

    def _hard(self, number: int, prediction: Prediction) -> Iterator[_Part]:
        unsure = [found for found in prediction.detections if found.score < self._ask_below]
        for start, end in segments(prediction.text, SEGMENT, OVERLAP) if unsure else ():
            if any(found.start < end and start < found.end for found in unsure):
                yield number, start, end

    def _merged(self, first: Prediction, second: Sequence[Detection]) -> Prediction:
        sure = [found for found in first.detections if found.score >= self._ask_below]
        return Prediction(first.text, tuple(give_way(longest(second), sure)))
