"""What a source is: its keys in a recipe, its traits, and the rows that it offers."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from data_builders.sources.draw import draw
from data_builders.sources.files import hashes
from data_builders.splits import Split
from schemas.errors import DataError
from schemas.spans.entity import Example
from schemas.taxonomy import EntityType

MARGIN = 1.5
"""How many more rows are drawn from a corpus than asked for, since cleaning refuses some."""


@dataclass(frozen=True, slots=True)
class Traits:
    """In what a source differs from others when its rows are checked and shown.

    `shares_values`: its splits may name the same persons, since it is split by others, or since names that are words
    and common ones recur as they do in life. `has_markup`: HTML in its texts is meant, not debris. `printable`: the
    card may show a row. `whole`: it divides its rows into splits itself, and all of them are used, so that a recipe
    gives neither `share` nor `count`. `separator` stands between neighbours that are joined into one document: nothing
    between sentences of running text, else a line break.
    """

    shares_values: bool = False
    has_markup: bool = False
    printable: bool = False
    whole: bool = False
    separator: str = "\n"


@dataclass(slots=True)
class Corpus:
    """Candidate rows of a source for each split that it has.

    `origin` is what the manifest says about where they come from; `report` counts what the reader mapped, merged and
    left out, and may grow while candidates are read. `rows` is how many there are for all splits together, where that
    is known: of fewer than a recipe asks for, each split gets its share.
    """

    candidates: Mapping[Split, Iterator[Example]]
    origin: Mapping[str, Any] = field(default_factory=dict)
    report: Counter[str] = field(default_factory=Counter)
    rows: int | None = None


class Strict(BaseModel):
    """A part of a recipe: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Strict):
    """The keys of every source: whether it is used, and its rows as `count` or as a `share` of the recipe's size."""

    traits: ClassVar[Traits] = Traits()

    enabled: bool = True
    share: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    count: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        sizes = [size for size in (self.share, self.count) if size is not None]
        if self.enabled and self.traits.whole and sizes:
            raise ValueError("all of its rows are used; give neither share nor count")
        if self.enabled and not self.traits.whole and len(sizes) != 1:
            raise ValueError("give either share or count")
        return self


class ExampleSource(Source, ABC):
    """A source of annotated texts; with `types`, its rows annotate these alone."""

    types: tuple[EntityType, ...] | None = Field(default=None, min_length=1)

    def narrowed(self, example: Example) -> Example:
        """`example` without what is not of `types`, which its habits mark in another way than the guide."""
        if self.types is None:
            return example
        entities = tuple(entity for entity in example.entities if entity.type in self.types)
        annotated = tuple(kind for kind in example.annotated if kind in self.types)
        return replace(example, entities=entities, annotated=annotated)

    @property
    @abstractmethod
    def licence(self) -> str:
        """What the card says about its origin and licence, in one line."""

    @abstractmethod
    def open(self, wanted: Mapping[Split, int], seed: int) -> Corpus:
        """Candidates for `wanted` rows a split, drawn by `seed`; a `whole` source gives all that it has.

        Raises DataError, which names the source or a file and line, when it cannot be read.
        """

    def count_taken(self, rows: Sequence[Example]) -> Counter[str]:
        """Counts for the report about the rows that were taken."""
        return Counter()


class PairSource(Source, ABC):
    """A source of instruction pairs without entities; the dataset holds them in a file of the source's name."""

    @abstractmethod
    def pairs(self, seed: int) -> list[dict[str, str]]:
        """At most `count` pairs in Alpaca form, drawn by `seed`. Raises DataError when they cannot be read."""

    @property
    @abstractmethod
    def origin(self) -> Mapping[str, Any]:
        """What the manifest says about where they come from."""


class FileSource(ExampleSource):
    """A source that reads a file or folder.

    A subclass needs `read` and `licence`, and `locate` where the hub has the files too. With `convert_help` and
    `path_help`, the help texts of the command and its argument, it is also the command `pii-sft data NAME`.
    """

    convert_help: ClassVar[str] = ""
    path_help: ClassVar[str] = ""

    path: Path | None = None

    @abstractmethod
    def read(self, path: Path, report: Counter[str]) -> Iterator[Example]:
        """The examples of a file or folder, in flat memory; `report` counts what is mapped and left out.

        Raises DataError with file and line.
        """

    def locate(self) -> tuple[Path, dict[str, str]]:
        """The file or folder to read, and what the manifest says of it. Raises DataError when there is none."""
        if self.path is None:
            raise DataError(f"sources.{type(self).__name__.lower()}.path: needs a file or folder")
        return self.path, {}

    def open(self, wanted: Mapping[Split, int], seed: int) -> Corpus:
        """Candidates drawn from the whole file, the same ones for every split."""
        path, origin = self.locate()
        report: Counter[str] = Counter()
        rows = draw(self.read(path, report), round(sum(wanted.values()) * MARGIN), seed)
        known: dict[str, Any] = {**origin, "sha256": hashes([path])}
        return Corpus(dict.fromkeys(Split, iter(rows)), known, report, len(rows))
