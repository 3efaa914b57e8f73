"""The recipe of a tagger's run: every setting, its default and what it does."""

from collections.abc import Sequence
from importlib import resources
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.recipe import read_recipe


class TaggerRecipe(BaseModel):
    """How an encoder becomes a tagger.

    `steps` ends the run before `epochs` do. The learning rate rises for `warmup_steps`, holds, and falls to zero over
    the last `decay` of the steps. `replaced` is the share of the values that others replace, anew in each epoch.
    `layers` of the base are kept, evenly spread (all when null). After the first `early_layers` a second head answers;
    serving takes its answer where it is sure (null leaves the base as it is). `only_early` trains that head alone, as a
    mean of several runs needs it. With a teacher, `soft` is the share of its answers in the loss of what is annotated.
    `reader_learning_rate` is the rate of a language model that reads beside. `window` and `overlap` count tokens,
    `batch` windows. `compile` compiles the layers (torch.compile): a CPU, which then needs a C++ compiler, does up to
    twice as many steps an hour. Without it, `dropout` above zero halves the speed on a CPU, where attention then leaves
    its fused kernel.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    epochs: int = Field(default=3, gt=0)
    steps: int | None = Field(default=None, gt=0)
    replaced: float = Field(default=0.6, ge=0, le=1)
    layers: int | None = Field(default=None, gt=0)
    early_layers: int | None = Field(default=None, gt=0)
    only_early: bool = False
    soft: float = Field(default=0.5, ge=0, le=1)
    batch: int = Field(default=16, gt=0)
    learning_rate: float = Field(default=1.2e-4, gt=0)
    reader_learning_rate: float = Field(default=3e-5, gt=0)
    warmup_steps: int = Field(default=50, ge=0)
    decay: float = Field(default=1.0, ge=0, le=1)
    weight_decay: float = Field(default=0.01, ge=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    window: int = Field(default=254, ge=8)
    overlap: int = Field(default=64, ge=0)
    save_steps: int = Field(default=150, gt=0)
    compile: bool = False
    seed: int = 7

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.overlap > self.window // 2:
            raise ValueError("overlap must be at most half of window")
        return self


def load_recipe(name: str, overrides: Sequence[str]) -> TaggerRecipe:
    """Read the recipe `name`, a shipped one or a YAML file, and change it by `overrides` (`key=value`).

    Raises DataError, which names the file, key or override that is wrong.
    """
    shipped = resources.files("training") / "tagger" / "recipes"
    return read_recipe(name, shipped, overrides, TaggerRecipe)
