"""The BIOES tag set over all types: how entities become token tags and back.

Tag 0 is O; type number t (taxonomy order) has B, I, E, S at 1 + 4t .. 4 + 4t. BIOES: Ratinov & Roth 2009 (there BILOU).
"""

from collections.abc import Iterable, Sequence

from schemas.spans.entity import Entity
from schemas.taxonomy import ALL_TYPES, EntityType

OUTSIDE = 0
PREFIXES = "BIES"
TAGS: tuple[str, ...] = ("O", *(f"{prefix}-{kind}" for kind in ALL_TYPES for prefix in PREFIXES))

_TYPE_INDEX = {kind: index for index, kind in enumerate(ALL_TYPES)}

Span = tuple[int, int]


def tag_id(kind: EntityType, prefix: str) -> int:
    """The tag number of `prefix` (one of B, I, E, S) for `kind`."""
    return 1 + 4 * _TYPE_INDEX[kind] + PREFIXES.index(prefix)


def tag_type(tag: int) -> EntityType | None:
    """The type of the tag number `tag`; None for O."""
    return None if tag == OUTSIDE else ALL_TYPES[(tag - 1) // len(PREFIXES)]


def allowed_tags(types: Iterable[EntityType]) -> list[int]:
    """O and all tags of `types`, ascending: what a source that annotates only `types` can tell apart."""
    return sorted([OUTSIDE, *(tag_id(kind, prefix) for kind in types for prefix in PREFIXES)])


def encode_tags(tokens: Sequence[Span], entities: Sequence[Entity]) -> list[int]:
    """One tag per token; an entity covers every token that it overlaps.

    `tokens` are character spans in reading order (empty spans get O), `entities` sorted and disjoint. A token
    that two entities share goes to the first.
    """
    tags = [OUTSIDE] * len(tokens)
    token = 0
    for entity in entities:
        while token < len(tokens) and tokens[token][1] <= entity.start:
            token += 1
        covered = []
        while token < len(tokens) and tokens[token][0] < entity.end:
            if tokens[token][0] < tokens[token][1]:
                covered.append(token)
            token += 1
        for index, tag in zip(covered, _entity_tags(entity.type, len(covered)), strict=True):
            tags[index] = tag
    return tags


def _entity_tags(kind: EntityType, length: int) -> list[int]:
    if length == 1:
        return [tag_id(kind, "S")]
    middle = [tag_id(kind, "I")] * (length - 2)
    return [tag_id(kind, "B"), *middle, tag_id(kind, "E")][:length]
