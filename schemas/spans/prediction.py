"""What a detector answers, and the interface that every detector has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from schemas.spans.entity import Entity, check_spans
from schemas.taxonomy import EntityType

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


class Detector(Protocol):
    """Anything that finds entities: the tagger, the rules, both together, an LLM."""

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """Return one prediction per text, in order; `types` limits the search (default: the default-on types).

        Raises InvalidTextError for a text with lone surrogates.
        """
        ...


class Engine(Detector, Protocol):
    """A detector that weighs precision against recall."""

    def with_bias(self, recall: float) -> "Engine":
        """The same detector with log-odds of `recall` more in favour of an entity: above 0 more, and more wrongly."""
        ...
