"""Segments: a text in the making, cut where values begin and end, so that edits cannot shift an entity."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from data_builders.synth.values.slots import SLOTS
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text: the value of `slot`, or carrier text between values when `slot` is empty."""

    text: str = field(repr=False)
    slot: str = ""

    @property
    def type(self) -> EntityType | None:
        """The entity type of the value; None for carrier text and fillers."""
        return SLOTS[self.slot].type if self.slot else None


def assemble(segments: Iterable[Segment]) -> tuple[str, tuple[Entity, ...]]:
    """The text of `segments` and its entities."""
    text, entities = "", []
    for segment in segments:
        if segment.type is not None:
            entities.append(Entity(len(text), len(text) + len(segment.text), segment.type))
        text += segment.text
    return text, tuple(entities)
