"""Tags of MSRA's copies: BIO, BIOES and BMES, under two sets of label names."""

from collections.abc import Sequence

from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType

TYPES: dict[str, EntityType] = {
    "PER": EntityType.PERSON_NAME,
    "LOC": EntityType.LOCATION,
    "ORG": EntityType.ORGANIZATION,
    "NR": EntityType.PERSON_NAME,
    "NS": EntityType.LOCATION,
    "NT": EntityType.ORGANIZATION,
}
"""MSRA's labels and ours; copies tagged BMES often name the labels by parts of speech (nr, ns, nt)."""

ANNOTATED = tuple(dict.fromkeys(TYPES.values()))
"""The types that MSRA marks; it marks nothing else."""

TAGS = frozenset({"O", *(f"{prefix}-{label}" for prefix in "BIMES" for label in TYPES)})
"""Every tag of the schemes."""

EXPECTED = f"O or B-x, I-x, M-x, E-x, S-x with x in {', '.join(TYPES)}"
"""`TAGS` in words, for messages."""


def entities_of(tags: Sequence[str]) -> tuple[Entity, ...]:
    """The entities of one tag per character, each one of `TAGS`.

    As in conlleval (CoNLL-2000), B and S open an entity, E and S close one, and an I, M or E that continues nothing
    opens one; so touching entities of one type stay apart.
    """
    starts = [index for index in range(len(tags)) if tags[index] != "O" and not _continues(tags, index)]
    return tuple(Entity(start, _end(tags, start), TYPES[tags[start][2:]]) for start in starts)


def _continues(tags: Sequence[str], index: int) -> bool:
    """Whether the tag at `index` carries on the entity of the tag before it."""
    before, tag = tags[index - 1] if index else "O", tags[index]
    return tag[0] in "IME" and before[0] in "BIM" and before[2:] == tag[2:]


def _end(tags: Sequence[str], start: int) -> int:
    end = start + 1
    while end < len(tags) and _continues(tags, end):
        end += 1
    return end
