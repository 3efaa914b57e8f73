"""The synthetic source: texts that `data_builders.synth` generates."""

from collections.abc import Mapping
from typing import ClassVar

from data_builders.sources.source import Corpus, ExampleSource, Traits
from data_builders.splits import Split

_MARGIN = 4
"""How many more texts are generated than asked for, since cleaning refuses some."""


class Synthetic(ExampleSource):
    """Synthesised texts."""

    traits: ClassVar[Traits] = Traits(has_markup=True, printable=True)

    @property
    def licence(self) -> str:
        """Ours, without warranty that a value is nobody's."""
        return "synthesised by pii-sft (Apache-2.0); values are invented, names and numbers may exist by chance"

    def open(self, wanted: Mapping[Split, int], seed: int) -> Corpus:
        """Generated on the way, by templates and values of each split."""
        from data_builders.synth.generate import generate  # loads dictionaries and the templates

        return Corpus({split: generate(split, _MARGIN * count, seed) for split, count in wanted.items()})
