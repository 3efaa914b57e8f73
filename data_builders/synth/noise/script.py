"""Traditional characters: whole texts converted, with values that belong to the split in both scripts.

Conversion is OpenCC's (https://github.com/BYVoid/OpenCC), segment by segment, so that a length that changes moves no
entity.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from opencc import OpenCC

from data_builders.synth.sampling import Partition
from data_builders.synth.segment import Segment
from data_builders.synth.values.slots import SLOTS
from schemas.taxonomy import EntityType

STANDARDS = ("s2t", "s2tw", "s2hk")
"""OpenCC's standards, Taiwan's and Hong Kong's variants."""

_KEPT_SURNAMES = "于余范岳游郁涂朴咸党征干谷"
"""Surnames that traditional script writes the same, though the words of that character change."""


@functools.cache
def _converter(standard: str) -> OpenCC:
    return OpenCC(standard)


@dataclass(frozen=True, slots=True)
class BothScripts(Partition):
    """Admits the values that belong to the split both as they are and converted by `standard`."""

    standard: str

    def admits(self, value: str) -> bool:
        """Whether `value` belongs to this split in both scripts."""
        # super() without arguments does not work in a dataclass with slots
        return Partition.admits(self, value) and Partition.admits(self, _converter(self.standard).convert(value))

    def convert(self, segments: Sequence[Segment]) -> list[Segment]:
        """`segments` in traditional characters; unchanged where a converted personal value would leave the split."""
        converted = [replace(segment, text=self._text(segment)) for segment in segments]
        personal = [segment.text for segment in converted if segment.slot and SLOTS[segment.slot].personal]
        return converted if all(Partition.admits(self, text) for text in personal) else list(segments)

    def _text(self, segment: Segment) -> str:
        text, convert = segment.text, _converter(self.standard).convert
        if segment.type == EntityType.PERSON_NAME and text[0] in _KEPT_SURNAMES:
            return text[0] + str(convert(text[1:]))
        return str(convert(text))
