"""What an engine answers."""

from dataclasses import dataclass, field
from typing import Any, Literal

from schemas.spans.entity import Entity, check_spans

Source = Literal["model", "rule", "both"]


@dataclass(frozen=True, slots=True)
class Detection:
    """One found entity.

    `score` is a probability in [0, 1]. `source` says who found it. `validated` is True when the value passed
    its type's check (checksum, number plan), False when it failed, None where the type has no check.
    """

    entity: Entity
    score: float
    source: Source
    validated: bool | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """A text and the detections in it: sorted, without overlap, each inside the text.

    The text stays out of `repr`. Raises SpanError when the spans break the rules.
    """

    text: str = field(repr=False)
    detections: tuple[Detection, ...]

    def __post_init__(self) -> None:
        check_spans(self.entities, len(self.text), "prediction")

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The spans alone, in reading order."""
        return tuple(detection.entity for detection in self.detections)

    def value(self, entity: Entity) -> str:
        """The characters that `entity` covers, as they stand in the text."""
        return self.text[entity.start : entity.end]

    def at_least(self, score: float) -> "Prediction":
        """The same prediction without the detections scored below `score`."""
        return Prediction(self.text, tuple(found for found in self.detections if found.score >= score))

    def to_dict(self) -> dict[str, Any]:
        """The response of `/detect`; it follows `schemas.json_schema.response_schema`."""
        return {
            "entities": [
                {
                    "type": str(found.entity.type),
                    "value": self.value(found.entity),
                    "start": found.entity.start,
                    "end": found.entity.end,
                    "score": round(found.score, 4),
                    "source": found.source,
                    "validated": found.validated,
                }
                for found in self.detections
            ]
        }
