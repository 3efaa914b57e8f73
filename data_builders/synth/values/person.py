"""An invented person whose values agree with one another."""

import functools
import random
from datetime import date

from data_builders.synth.names.chinese import Name, chinese_name
from data_builders.synth.sampling import Partition
from data_builders.synth.values.places import Home, home
from schemas.formats.dates import birth_date


class Person:
    """Name, birth date, gender and home of one invented person; documents and contacts are drawn from them.

    Takes the random source and the partition whose values the person may bear.
    """

    def __init__(self, rng: random.Random, partition: Partition) -> None:
        self.rng = rng
        self.partition = partition

    @functools.cached_property
    def name(self) -> Name:
        """The name, whose full form is in the partition."""
        while not self.partition.admits((name := chinese_name(self.rng)).full):
            pass
        return name

    @functools.cached_property
    def birth(self) -> date:
        """Date of birth, 1940 to 2019, in the partition."""
        text = self.partition.draw(lambda: birth_date(self.rng).isoformat())
        return date.fromisoformat(text)

    @functools.cached_property
    def female(self) -> bool:
        """Whether the person is a woman."""
        return self.rng.random() < 0.5

    @functools.cached_property
    def age(self) -> int:
        """Age in years at the end of 2026."""
        return 2026 - self.birth.year

    @functools.cached_property
    def home(self) -> Home:
        """The chain of official divisions where the person lives."""
        return home(self.rng)
