"""A dataset before it is written: its rows, and what the report and the card say about them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from data_builders.dataset.recipe import Recipe
from data_builders.splits import Split
from schemas.spans.entity import Example


class Quarantined(NamedTuple):
    """A row that broke a rule."""

    source: str
    split: Split
    reason: str
    example: Example


@dataclass(slots=True)
class Built:
    """The rows of each split in their final order, and how they came about.

    `taken` gives rows taken and rows wanted by source and split; `quarantine` what was refused and why; `reading`
    counts of what the readers mapped, merged and left out; `origins` revision and hashes of each source's files;
    `pairs` instruction pairs without entities by source.
    """

    recipe: Recipe
    rows: dict[Split, list[Example]] = field(default_factory=dict)
    taken: dict[tuple[str, Split], tuple[int, int]] = field(default_factory=dict)
    quarantine: list[Quarantined] = field(default_factory=list)
    reading: Counter[str] = field(default_factory=Counter)
    origins: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    pairs: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    @property
    def examples(self) -> list[Example]:
        """The rows of all splits, train first."""
        return [example for split in Split for example in self.rows[split]]

    @property
    def shortfalls(self) -> list[str]:
        """A sentence for each source and split that has fewer rows than the recipe asks for."""
        rows = [
            f"{source}: {taken} of {wanted} {split} rows, it has no more that pass"
            for (source, split), (taken, wanted) in self.taken.items()
            if taken < wanted
        ]
        counts = {name: (len(self.pairs[name]), source.count or 0) for name, source in self.recipe.pair_sources.items()}
        return rows + [
            f"{name}: {taken} of {wanted} pairs of turns, it has no more"
            for name, (taken, wanted) in counts.items()
            if taken < wanted
        ]

    @property
    def refusals(self) -> Counter[tuple[str, str]]:
        """Rows in quarantine by source and reason."""
        return Counter((row.source, row.reason) for row in self.quarantine)
