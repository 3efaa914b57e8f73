r"""The template language.

One template a line: `{slot}` or `{slot2}` (second person) is a value, `[[a|b|c]]` one of the alternatives, `\n` and `\t`
a line break and a tab. Braces that hold no slot name stand for themselves. Lines that begin with `#` are comments.
"""

import random
import re
from dataclasses import dataclass, field
from importlib import resources

from data_builders.synth.slots import SLOTS
from schemas.errors import DataError

_CHOICE = re.compile(r"\[\[(.*?)\]\]")
_SLOT = re.compile(r"\{([a-z_]+?)(\d?)\}")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a template: literal `text`, or a `slot` of person number `person`."""

    text: str = ""
    slot: str = ""
    person: int = 1


@dataclass(frozen=True, slots=True)
class Template:
    """One line of a family's file; `id` is the family and the line's number among its templates."""

    id: str
    family: str
    source: str = field(repr=False)

    @property
    def slots(self) -> set[str]:
        """Names of all slots that the line may fill."""
        return {name for name, _ in _SLOT.findall(self.source) if name in SLOTS}

    def expand(self, rng: random.Random) -> list[Part]:
        """Draw the alternatives and cut the line into parts."""
        line = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), self.source)
        line = line.replace("\\n", "\n").replace("\\t", "\t")
        parts, end = [], 0
        for match in _SLOT.finditer(line):
            if match[1] in SLOTS:
                parts += [Part(text=line[end : match.start()]), Part(slot=match[1], person=int(match[2] or 1))]
                end = match.end()
        return [*parts, Part(text=line[end:])]


def load_templates() -> list[Template]:
    """All templates of the package, in the order of families and lines.

    Raises DataError when two lines of a family are the same.
    """
    folder = resources.files("data_builders") / "templates"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".txt")), key=lambda file: file.name)
    return [template for file in files for template in _parse(file.name[:-4], file.read_text(encoding="utf-8"))]


def _parse(family: str, text: str) -> list[Template]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(set(lines)) < len(lines):
        raise DataError(f"templates/{family}.txt: a template stands twice")
    return [Template(f"{family}-{number}", family, line) for number, line in enumerate(lines, start=1)]
