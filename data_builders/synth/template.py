r"""The template language.

One template a line: `{slot}` or `{slot2}` (second person) is a value, `[[a|b|c]]` one of the alternatives, `<<part>>` a
line of the part of that name, `\n` and `\t` a line break and a tab. Braces that hold no slot name stand for themselves.
Lines that begin with `#` are comments.
"""

import functools
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from data_builders.synth.part_lists import PART, admitted, read_lines, read_parts
from data_builders.synth.sampling import Partition
from data_builders.synth.values.slots import SLOTS
from schemas.errors import DataError

_CHOICE = re.compile(r"\[\[(.*?)\]\]")
_SLOT = re.compile(r"\{([a-z_]+?)(\d?)\}")


@dataclass(frozen=True, slots=True)
class TemplatePiece:
    """A piece of an expanded template: literal `text`, or a `slot` of person number `person`."""

    text: str = ""
    slot: str = ""
    person: int = 1


@dataclass(frozen=True, slots=True)
class Template:
    """One line of a family's file; `id` is the family and the line's number among its templates.

    `parts` are the sources that each part may be replaced by, by part and id.
    """

    id: str
    family: str
    source: str = field(repr=False)
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False, hash=False)

    @property
    def slots(self) -> set[str]:
        """Names of all slots that the line and its parts may fill."""
        sources = [self.source, *(line for name in PART.findall(self.source) for line in self.parts[name].values())]
        return {name for source in sources for name, _ in _SLOT.findall(source) if name in SLOTS}

    def expand(self, rng: random.Random) -> tuple[list[TemplatePiece], list[str]]:
        """Draw alternatives and parts and cut the line into pieces; also the ids of the template and its parts."""
        ids = [self.id]

        def part(match: re.Match[str]) -> str:
            ids.append(rng.choice(list(self.parts[match[1]])))
            return _choose(self.parts[match[1]][ids[-1]], rng)

        return list(_pieces(PART.sub(part, _choose(self.source, rng)))), ids


def _choose(source: str, rng: random.Random) -> str:
    return _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), source)


def _pieces(line: str) -> Iterator[TemplatePiece]:
    line, end = line.replace("\\n", "\n").replace("\\t", "\t"), 0
    for match in _SLOT.finditer(line):
        if match[1] in SLOTS:
            yield TemplatePiece(text=line[end : match.start()])
            yield TemplatePiece(slot=match[1], person=int(match[2] or 1))
            end = match.end()
    yield TemplatePiece(text=line[end:])


TEXTS = Path(__file__).parent / "texts"
"""The folder of this package's own templates, parts and words."""


@functools.cache
def load_templates(root: Path = TEXTS) -> tuple[Template, ...]:
    """All templates of `root/templates` with the parts of `root/parts`, in the order of families and lines.

    Raises DataError, naming file and line, for a line that stands twice, an unknown part and a part within a part.
    """
    parts = read_parts(root / "parts")
    families = read_lines(root / "templates")
    for line in (line for lines in families.values() for line in lines):
        unknown = [name for name in PART.findall(line.source) if name not in parts]
        if unknown:
            raise DataError(f"{line.place}: no part {unknown[0]!r}; the parts are {', '.join(parts) or 'none'}")
    return tuple(
        Template(f"{family}-{number}", family, line.source, parts)
        for family, lines in families.items()
        for number, line in enumerate(lines, start=1)
    )


@functools.cache
def templates_of(partition: Partition, root: Path = TEXTS) -> tuple[Template, ...]:
    """The templates of one split, by the same hash rule as values, with the lines of their parts that it admits.

    A template that asks for a part of which the split has no line is left out. Raises DataError as `load_templates`.
    """
    mine = [template for template in load_templates(root) if partition.admits(template.source)]
    parts = admitted(mine[0].parts, partition) if mine else {}
    whole = [template for template in mine if all(name in parts for name in PART.findall(template.source))]
    return tuple(replace(template, parts=parts) for template in whole)
