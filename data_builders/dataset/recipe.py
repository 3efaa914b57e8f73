"""The recipe of a dataset: which sources, how many rows, how they are cleaned and split."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from data_builders.dataset.near_duplicates import LEAST
from schemas.recipe import Format, read_recipe


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """What all sources have: whether they are used, and their rows as `count` or as a `share` of the recipe's size."""

    enabled: bool = True
    share: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    count: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if self.enabled and (self.share is None) == (self.count is None):
            raise ValueError("give either share or count")
        return self


class Msra(Source):
    """MSRA NER; without `path` from the hub."""

    path: Path | None = None


class Ai4Privacy(Source):
    """An ai4privacy corpus: `path` holds it, or it is fetched from the hub; `repository` decides about its licence."""

    path: Path | None = None
    repository: str = "ai4privacy/pii-masking-openpii-1.5m"
    revision: str = "main"
    languages: tuple[str, ...] = ("zh", "en")
    accept_license: bool = False


class General(Source):
    """Dialogue turns without annotation, in JSON Lines."""

    path: Path | None = None

    @model_validator(mode="after")
    def _needs_path(self) -> Self:
        if self.enabled and self.share is not None:
            raise ValueError("general text takes a count, not a share")
        return self


class Sources(_Strict):
    """The sources by name; one that is left out is not used."""

    msra: Msra = Msra(enabled=False)
    ai4privacy: Ai4Privacy = Ai4Privacy(enabled=False)
    synthetic: Source = Source(enabled=False)
    general: General = General(enabled=False)


class Recipe(_Strict):
    """A whole recipe; data_builders/recipes/default.yaml says what each key does."""

    size: int | None = Field(default=None, gt=0)
    seed: StrictInt = 0
    validation: float = Field(default=0.05, ge=0, lt=1)
    test: float = Field(default=0.05, ge=0, lt=1)
    max_tokens: int = Field(default=2048, gt=0)
    similarity: float = Field(default=0.9, ge=LEAST, le=1)
    sources: Sources

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        used = [self.sources.msra, self.sources.ai4privacy, self.sources.synthetic]
        if not any(source.enabled for source in used):
            raise ValueError("no source is enabled")
        if self.size is None and any(source.enabled and source.share for source in used):
            raise ValueError("a share needs the size of the dataset (size: N)")
        if self.size is not None and not any(source.enabled and source.share for source in used):
            raise ValueError("size divides among sources with a share, and there is none")
        if self.validation + self.test >= 1:
            raise ValueError("validation and test leave nothing to train on")
        return self

    def counts(self) -> dict[str, int]:
        """Rows asked of each enabled annotated source, over all splits; shares are relative to one another."""
        named = {name: getattr(self.sources, name) for name in ("msra", "ai4privacy", "synthetic")}
        used = {name: source for name, source in named.items() if source.enabled}
        shares = sum(source.share or 0 for source in used.values())
        return {
            name: source.count or round((self.size or 0) * (source.share or 0) / shares)
            for name, source in used.items()
        }


def load_recipe(name: str, overrides: Sequence[str] = ()) -> Recipe:
    """Read the recipe `name` (`default`, `full` or a YAML file) with `key.key=value` overrides, the values in YAML.

    Raises DataError, which names the file, key or override, for an unreadable file or a recipe that breaks its schema.
    """
    folder = resources.files("data_builders") / "recipes"
    return read_recipe(name, folder, overrides, Recipe, Format(yaml.safe_load, yaml.YAMLError))
