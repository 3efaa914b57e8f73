"""Fills templates: one alone, or several into a long document about the same persons."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data_builders.synth.cast import Cast
from data_builders.synth.registers import Register, register_of
from data_builders.synth.segment import Segment
from data_builders.synth.template import Template

_PEOPLE = 9
_PROSE = (Register.TALK, Register.RECORD)
_SHORTEST, _LONGEST = 500, 3000
_FEWEST, _MOST = 4, 15
_ENDS = "。！？!?….；;\n"


@dataclass(frozen=True, slots=True)
class DraftText:
    """A filled text: its segments, the ids of the templates and parts it is made of, its family."""

    segments: list[Segment]
    ids: list[str]
    family: str


def fill(template: Template, cast: Cast, shift: int = 0) -> DraftText:
    """Fill one template with the values of `cast`; person 1 of the template is person 1 + `shift` of the cast."""
    segments: list[Segment] = []
    pieces, ids = template.expand(cast.rng)
    for piece in pieces:
        number = (piece.person - 1 + shift) % _PEOPLE + 1
        if piece.slot == "name" and register_of(template.family) in _PROSE:
            segments += cast.mention(number, segments[-1].text if segments else "", template.family)
        elif piece.slot:
            segments.append(Segment(cast.value(piece.slot, number, template.family), piece.slot))
        elif piece.text:
            segments.append(Segment(piece.text))
    return DraftText(segments, ids, template.family)


def compose(families: Mapping[str, Sequence[Template]], first: str, cast: Cast) -> DraftText | None:
    """A document of 4 to 15 templates of the family `first` and one of its register, 500 to 3,000 characters long.

    The first two or three persons of `cast` stand in the centre of every template. Templates with few values for their
    length are drawn more often, since documents are prose with some personal data in it. None when the length is missed.
    """
    rng, register = cast.rng, register_of(first)
    second = rng.choice([family for family in families if register_of(family) == register])
    pool = [template for family in dict.fromkeys([first, second]) for template in families[family]]
    density = rng.choice([1, 2, 2, 2])
    weights = [len(template.source) / (1 + template.source.count("{")) ** density for template in pool]
    goal, cores, joint = rng.randint(_SHORTEST, 2000), rng.choice([2, 3]), _Joint(register, rng)
    draft, length = DraftText([], [], first), 0
    for number in range(1, _MOST + 1):
        piece = fill(rng.choices(pool, weights)[0], cast, rng.randrange(cores))
        cast.pass_on()
        added = [*joint.before(number, draft.segments), *piece.segments]
        draft.segments.extend(added)
        draft.ids.extend(piece.ids)
        length += sum(len(segment.text) for segment in added)
        if number >= _FEWEST and length >= goal:
            break
    return draft if _SHORTEST <= length <= _LONGEST else None


class _Joint:
    """What stands between the pieces of a document: a line break, a blank line, a number, or nothing."""

    def __init__(self, register: Register, rng: random.Random) -> None:
        prose = register in _PROSE
        self.kind = rng.choice(["\n", "\n", "\n\n", "{}. ", "{}、", "（{}）", ""] if prose else ["\n", "\n\n"])

    def before(self, number: int, segments: Sequence[Segment]) -> list[Segment]:
        """The carrier text before piece `number` of a document that holds `segments` so far."""
        if "{}" in self.kind:
            return [Segment("\n" * (number > 1) + self.kind.format(number))]
        if not self.kind and segments:
            return [] if not segments[-1].slot and segments[-1].text[-1] in _ENDS else [Segment("。")]
        return [Segment(self.kind)] if number > 1 else []
