"""What an engine answers."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from schemas.per_type import PerType
from schemas.spans.entity import Entity, check_spans
from schemas.taxonomy import EntityType

Source = Literal["model", "rule", "both", "repeat"]


@dataclass(frozen=True, slots=True)
class Detection:
    """One found entity.

    `score` is a probability in [0, 1]. `source` says who found it; a "repeat" is a further mention of a name that was
    found elsewhere in the text. `validated` is True when the value passed its type's check (checksum, number plan),
    False when it failed, None where the type has no check.
    """

    entity: Entity
    score: float
    source: Source
    validated: bool | None = None

    @property
    def type(self) -> EntityType:
        """The type of the entity."""
        return self.entity.type

    @property
    def start(self) -> int:
        """Where the entity begins."""
        return self.entity.start

    @property
    def end(self) -> int:
        """Where the entity ends."""
        return self.entity.end

    def moved(self, by: int) -> Self:
        """The same detection `by` characters further on, as in the text of which the one it was found in is a part."""
        return replace(self, entity=Entity(self.start + by, self.end + by, self.type))


@dataclass(frozen=True, slots=True)
class Prediction:
    """A text and the detections in it: sorted, without overlap, each inside the text.

    The text stays out of `repr`. Raises SpanError when the spans break the rules; `unchecked` is for spans that cannot.
    """

    text: str = field(repr=False)
    detections: tuple[Detection, ...]

    def __post_init__(self) -> None:
        check_spans(self.entities, len(self.text), "prediction")

    @classmethod
    def unchecked(cls, text: str, detections: tuple[Detection, ...]) -> Self:
        """The prediction of `detections` that follow the rules by the way they were found."""
        prediction = object.__new__(cls)
        object.__setattr__(prediction, "text", text)
        object.__setattr__(prediction, "detections", detections)
        return prediction

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The spans alone, in reading order."""
        return tuple(detection.entity for detection in self.detections)

    def value(self, entity: Entity | Detection) -> str:
        """The characters that an entity covers, as they stand in the text."""
        return self.text[entity.start : entity.end]

    def at_least(self, score: float | PerType[float]) -> Self:
        """The same prediction without the detections scored below `score`, which may be one for each type."""
        least = PerType.of(score, 0.0)
        kept = tuple(detection for detection in self.detections if detection.score >= least[detection.entity.type])
        return self.unchecked(self.text, kept)

    def without_repeats(self) -> Self:
        """The same prediction without further mentions of names that were found elsewhere."""
        return self.unchecked(self.text, tuple(found for found in self.detections if found.source != "repeat"))

    def to_dict(self) -> dict[str, Any]:
        """The response of `/detect`; it follows `schemas.json_schema.response_schema`."""
        return {
            "entities": [
                {
                    "type": str(detection.entity.type),
                    "value": self.value(detection.entity),
                    "start": detection.entity.start,
                    "end": detection.entity.end,
                    "score": round(detection.score, 4),
                    "source": detection.source,
                    "validated": detection.validated,
                }
                for detection in self.detections
            ]
        }
