"""Generates annotated texts, split by template and by personal value."""

import random
from collections.abc import Iterator

from data_builders.synth.person import Person
from data_builders.synth.sampling import Partition, Split, widen
from data_builders.synth.slots import ENGLISH_SLOTS, NEAR_MISSES, SLOTS
from data_builders.synth.template import Part, Template, load_templates
from schemas.entity import Document, Entity, Example

SOURCE = "synthetic"
_WIDE_RATE = 0.02


def templates_of(split: Split, near_misses: bool = False) -> list[Template]:
    """The templates of one split, by the same hash rule as values; with `near_misses` only those that hold one."""
    partition = Partition(split)
    mine = [template for template in load_templates() if partition.admits(template.source)]
    return [template for template in mine if template.slots & NEAR_MISSES] if near_misses else mine


def generate(split: Split, size: int, seed: int, near_misses: bool = False) -> Iterator[Example]:
    """Yield `size` examples of `split`; the same seed gives the same examples on any machine.

    Half of the templates are drawn uniformly, half by slot, so that rare types occur as often as common ones.
    `near_misses` limits the templates to those with order numbers, hotlines and the like: a test of precision.
    Every example annotates all types of the taxonomy.
    """
    templates = templates_of(split, near_misses)
    by_slot = {slot: [template for template in templates if slot in template.slots] for slot in SLOTS}
    pools = [templates] * len(by_slot) + [pool for pool in by_slot.values() if pool]
    for number in range(size):
        rng = random.Random(f"{seed}-{split}-{number}")
        yield render(rng.choice(rng.choice(pools)), Partition(split), rng, f"{SOURCE}-{split}-{number}")


def render(template: Template, partition: Partition, rng: random.Random, name: str) -> Example:
    """Fill one template with the values of its persons; `name` becomes the document's id."""
    people: dict[int, Person] = {}
    values: dict[tuple[str, int], str] = {}
    text, entities = "", []
    for part in template.expand(rng):
        piece = part.text
        if part.slot:
            person = people.setdefault(part.person, Person(rng, partition))
            key = (part.slot, part.person)
            piece = values[key] = values.get(key) or _value(part, template.family, person)
            kind = SLOTS[part.slot].type
            if kind is not None:
                entities.append(Entity(len(text), len(text) + len(piece), kind))
        text += piece
    return Example(Document(name, text), tuple(entities), source=SOURCE, family=template.family)


def _value(part: Part, family: str, person: Person) -> str:
    slot = part.slot
    if family == "english" and person.rng.random() < 0.8:
        slot = ENGLISH_SLOTS.get(slot, slot)
    made = SLOTS[slot]
    value = person.partition.draw(lambda: made.make(person)) if made.personal else made.make(person)
    numeric = made.type is not None and any(char.isdigit() for char in value)
    return widen(value) if numeric and family != "english" and person.rng.random() < _WIDE_RATE else value
