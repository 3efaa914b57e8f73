"""The recipe of a dataset: which sources, how many rows, how they are cleaned and split."""

from collections.abc import Sequence
from importlib import resources
from typing import Annotated, Any, Self

from pydantic import Field, GetCoreSchemaHandler, GetPydanticSchema, StrictInt, model_validator
from pydantic_core.core_schema import CoreSchema, typed_dict_field, typed_dict_schema

from data_builders.dataset.near_duplicates import LEAST
from data_builders.sources.registry import SOURCES
from data_builders.sources.source import ExampleSource, FileSource, PairSource, Source, Strict
from data_builders.splits import Split
from schemas.recipe import RecipeModel, overridden, read_recipe


def _by_registry(_: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """The schema of a mapping whose keys are the registry's names, each optional."""
    fields = {name: typed_dict_field(handler(source), required=False) for name, source in SOURCES.items()}
    return typed_dict_schema(fields, extra_behavior="forbid")


class Recipe(Strict):
    """A whole recipe; data_builders/recipes/default.yaml says what each key does."""

    size: int | None = Field(default=None, gt=0)
    seed: StrictInt = 0
    validation: float = Field(default=0.05, ge=0, lt=1)
    test: float = Field(default=0.05, ge=0, lt=1)
    max_tokens: int = Field(default=2048, gt=0)
    similarity: float = Field(default=0.9, ge=LEAST, le=1)
    sources: Annotated[dict[str, Source], GetPydanticSchema(_by_registry)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        has_shares = any(source.share for source in self.example_sources.values())
        if not self.example_sources:
            raise ValueError("no source is enabled")
        if self.size is None and has_shares:
            raise ValueError("a share needs the size of the dataset (size: N)")
        if self.size is not None and not has_shares:
            raise ValueError("size divides among sources with a share, and there is none")
        if self.validation + self.test >= 1:
            raise ValueError("validation and test leave nothing to train on")
        return self

    @property
    def example_sources(self) -> dict[str, ExampleSource]:
        """The enabled sources of annotated texts by name."""
        return {
            name: source
            for name, source in self.sources.items()
            if source.enabled and isinstance(source, ExampleSource)
        }

    @property
    def pair_sources(self) -> dict[str, PairSource]:
        """The enabled sources of instruction pairs by name."""
        return {
            name: source for name, source in self.sources.items() if source.enabled and isinstance(source, PairSource)
        }

    def counts(self) -> dict[str, int | None]:
        """Rows asked of each of `example_sources`, over all splits; None of one that is used whole.

        Shares are relative to one another.
        """
        shares = sum(source.share or 0 for source in self.example_sources.values())

        def count(source: Source) -> int | None:
            if source.traits.whole:
                return None
            return source.count or round((self.size or 0) * (source.share or 0) / shares)

        return {name: count(source) for name, source in self.example_sources.items()}

    def split_counts(self, count: int) -> dict[Split, int]:
        """How many of `count` rows go to each split."""
        test, validation = round(count * self.test), round(count * self.validation)
        return {Split.TEST: test, Split.VALIDATION: validation, Split.TRAIN: count - test - validation}


def load_recipe(name: str, overrides: Sequence[str] = ()) -> Recipe:
    """Read the recipe `name` (`default`, `full` or a YAML file) with `key.key=value` overrides, the values in YAML.

    Raises DataError, which names the file, key or override, for an unreadable file or a recipe that breaks its schema.
    """
    folder = resources.files("data_builders") / "recipes"
    return read_recipe(name, folder, overrides, Recipe)


def configured(name: str, kind: RecipeModel[FileSource], overrides: Sequence[str]) -> FileSource:
    """The source `name` outside of a recipe, its keys given as `key.key=value`. Raises DataError as `load_recipe`."""
    return overridden(name, {"enabled": False}, overrides, kind)
