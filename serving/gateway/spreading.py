"""Marks what was found in one text of a request in all of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.spans.entity import Entity
from schemas.spans.overlap import disjoint
from schemas.spans.prediction import Detection, Prediction
from schemas.text.escapes import DecodedText, decoded
from schemas.text.fold import fold
from schemas.text.text import Text
from serving.engines.repeated_names import repeatable_names, with_names
from serving.gateway.known_values import KnownNames, KnownValues
from serving.gateway.stand_ins import without_stand_ins


def spread(predictions: Sequence[Prediction]) -> list[Prediction]:
    """The predictions of texts that leave together, each value marked in all of them where it is found in one.

    It is found in the characters that escapes stand for too. What is a stand-in already is not searched.
    """
    known: dict[str, Detection] = {}
    names: dict[str, Detection] = {}
    for one in predictions:
        for found in one.detections:
            value = one.text[found.start : found.end]
            known[value] = found
            for name, sure in _repeatable(value, found).items():
                names[name] = max(sure, names.get(name, sure), key=lambda detection: detection.score)
    values = KnownValues((found.type, value) for value, found in known.items())
    mentions = _Mentions(values, known, KnownNames(names), names)
    return [mentions.marked(one) for one in predictions]


def _repeatable(value: str, found: Detection) -> dict[str, Detection]:
    """The name that `value` is, without escapes, where it is sure enough to be looked for elsewhere."""
    read = fold(decoded(value))
    return repeatable_names(read, [replace(found, entity=Entity(0, len(read), found.type))])


@dataclass(frozen=True, slots=True)
class _Mentions:
    """What is looked for: values and names, and the detections that they come from."""

    values: KnownValues
    known: Mapping[str, Detection]
    listed: KnownNames
    names: Mapping[str, Detection]

    def marked(self, prediction: Prediction) -> Prediction:
        """`prediction` with the values and names wherever they stand in its text."""
        written = Text.of(prediction.text)
        further = list(self._within(written))
        read = DecodedText.of(written)
        if not read.is_written:
            further += [
                replace(one, entity=Entity(*read.place(one.start, one.end), one.type))
                for one in self._within(read.text)
            ]
        return Prediction(written, tuple(disjoint([*prediction.detections, *further])))

    def _within(self, text: str) -> Iterator[Detection]:
        searched = Text.of(without_stand_ins(text))
        for place in self.values.find(searched):
            found = self.known[place.value]
            yield replace(found, entity=Entity(place.start, place.end, found.type))
        mentioned = {name: self.names[name] for name in self.listed.within(searched.folded)}
        yield from with_names(searched.folded, (), mentioned)
