"""The persons of a text, the values they have been given, and the ways in which a text names them."""

import random
import re

from data_builders.synth.names.chinese import TITLES
from data_builders.synth.sampling import Partition, widen
from data_builders.synth.segment import Segment
from data_builders.synth.values.person import Person
from data_builders.synth.values.slots import ENGLISH_SLOTS, SLOTS
from data_builders.synth.word_lists import words

_WIDE_RATE = 0.02
_WITHIN_A_SENTENCE = re.compile(r"[\u4e00-\u9fff，。；！？、“”]$")
_RELATION = re.compile(f"(?:{'|'.join(words('relations'))})(?:叫|是)?$")


class Cast:
    """Persons by number, each with one value a slot.

    Takes the random source and the partition whose values the persons may bear.
    """

    def __init__(self, rng: random.Random, partition: Partition) -> None:
        self.rng = rng
        self.partition = partition
        self._people: dict[int, Person] = {}
        self._values: dict[tuple[str, int], str] = {}
        self._introduced: set[int] = set()

    def person(self, number: int) -> Person:
        """The person of that number."""
        if number not in self._people:
            self._people[number] = Person(self.rng, self.partition)
        return self._people[number]

    def value(self, slot: str, number: int, family: str) -> str:
        """The value of `slot` for person `number`: the same at every call until it passes."""
        key = (slot, number)
        if key not in self._values:
            self._values[key] = self._make(slot, self.person(number), family)
        return self._values[key]

    def _make(self, slot: str, person: Person, family: str) -> str:
        if family == "english" and self.rng.random() < 0.8:
            slot = ENGLISH_SLOTS.get(slot, slot)
        made = SLOTS[slot]
        value = self.partition.draw(lambda: made.make(person)) if made.personal else made.make(person)
        numeric = made.type is not None and any(char.isdigit() for char in value)
        return widen(value) if numeric and family != "english" and self.rng.random() < _WIDE_RATE else value

    def pass_on(self) -> None:
        """End a template: places, dates and fillers pass, the persons keep what is theirs and count as introduced."""
        self._introduced |= {number for slot, number in self._values if slot == "name"}
        passing = [key for key in self._values if SLOTS[key[0]].passing and key[0] != "title"]
        for key in passing:
            del self._values[key]

    def mention(self, number: int, before: str, family: str) -> list[Segment]:
        """The name of person `number` as one says it after the text `before`.

        It is the full name, the given name alone after a relative (我女儿欣怡), or, within a sentence and for a person
        whom an earlier template has introduced, one of the short forms.
        """
        full = Segment(self.value("name", number, family), "name")
        if number in self._introduced and _WITHIN_A_SENTENCE.search(before) and self.rng.random() < 0.6:
            return self.rng.choice([*self._short_forms(self.person(number)), [full]])
        if _RELATION.search(before) and self.rng.random() < 0.5:
            return self.rng.choice([*self._given(self.person(number)), [full]])
        return [full]

    def _short_forms(self, person: Person) -> list[list[Segment]]:
        forms, family = self._given(person), person.name.family
        if family:
            forms += [[Segment(family, "surname"), Segment(self.rng.choice(TITLES), "title")]] * 2
            forms += [[Segment(name, "name")] for prefix in "小老" if self.partition.admits(name := prefix + family)]
        return forms

    def _given(self, person: Person) -> list[list[Segment]]:
        given = person.name.given
        return [[Segment(given, "given")]] if len(given) > 1 and self.partition.admits(given) else []
