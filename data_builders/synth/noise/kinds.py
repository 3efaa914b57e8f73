"""Surface noise: at most one kind a text, chosen by its register."""

import random
from collections.abc import Callable, Sequence

from data_builders.synth.noise import carrier, value
from data_builders.synth.registers import Register, register_of
from data_builders.synth.segment import Segment

NONE, TRADITIONAL = "none", "traditional"

EDITS: dict[str, Callable[[Sequence[Segment], random.Random], list[Segment]]] = {
    "typo": carrier.typo,
    "emoji": carrier.emoji,
    "fullwidth": carrier.full_width,
    "punctuation": carrier.punctuation,
    "case": carrier.letter_case,
    "spaces": value.spaces,
    "break": value.line_break,
}
"""Each kind of noise that edits segments, by name."""

KINDS = (*EDITS, TRADITIONAL)
"""Names of all kinds of noise."""

KINDS_OF: dict[Register, Sequence[str]] = {
    Register.TALK: ("typo", "emoji", "fullwidth", "fullwidth", "punctuation", "spaces", "spaces", "break", TRADITIONAL),
    Register.RECORD: (
        "typo",
        "fullwidth",
        "fullwidth",
        "punctuation",
        "spaces",
        "spaces",
        "break",
        "break",
        TRADITIONAL,
    ),
    Register.MACHINE: (NONE, NONE, NONE, TRADITIONAL),
    Register.ENGLISH: ("typo", "emoji", "break", "case", "case"),
    Register.BARE: ("spaces", "break", TRADITIONAL),
}
"""The kinds that texts of a register may get, repeated by how often."""

_SYNTAX = set('{}<>|=\t_\\[]"')
_ATTEMPT_RATE = 0.3  # not every attempt finds something to change


def draw_kind(family: str, rng: random.Random) -> str:
    """The kind of noise to try on a text of `family`, mostly none."""
    return rng.choice(KINDS_OF[register_of(family)]) if rng.random() < _ATTEMPT_RATE else NONE


def apply(kind: str, segments: Sequence[Segment], family: str, rng: random.Random) -> tuple[list[Segment], str]:
    """`segments` with noise of `kind`, or of another kind where that one changes nothing; also the kind's name.

    Texts whose carrier has the look of a syntax stay as they are.
    """
    if kind == NONE or any(char in _SYNTAX for segment in segments if not segment.slot for char in segment.text):
        return list(segments), NONE
    others = [name for name in EDITS if name in KINDS_OF[register_of(family)] and name != kind]
    for name in [kind, *rng.sample(others, len(others))]:
        edited = EDITS[name](segments, rng)
        if edited != segments:
            return edited, name
    return list(segments), NONE
