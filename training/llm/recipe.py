"""The recipe of a run: every setting, its default and what it does."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.checkpoint.base import Base
from schemas.recipe import read_recipe
from schemas.text.sentences import OVERLAP, SEGMENT


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Adapter(_Strict):
    """LoRA (Hu et al. 2021), with DoRA and rsLoRA where peft has them; `targets` are names of linear layers."""

    r: int = Field(default=8, gt=0)
    alpha: int = Field(default=16, gt=0)
    dropout: float = Field(default=0.05, ge=0, lt=1)
    targets: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj")
    dora: bool = False
    rslora: bool = False


class Batches(_Strict):
    """How examples become batches.

    A step sees `step_examples`, in rounds of `examples` a device. `packing` puts those of a round into one row without
    padding or contamination, with what their questions share once. `max_tokens` is the most of one example; longer
    ones are split as serving splits texts: segments of `segment` characters that share `overlap`. `group_by_length`
    puts the same questions and like lengths together.
    """

    examples: int = Field(default=4, gt=0)
    step_examples: int = Field(default=32, gt=0)
    packing: bool = True
    group_by_length: bool = True
    max_tokens: int = Field(default=2048, gt=0)
    segment: int = Field(default=SEGMENT, ge=8)
    overlap: int = Field(default=OVERLAP, ge=0)

    @model_validator(mode="after")
    def _divisible(self) -> Self:
        if self.step_examples % self.examples:
            raise ValueError("step_examples must be a multiple of examples")
        if self.overlap > self.segment // 4:
            raise ValueError("overlap must be at most a quarter of segment")
        return self


class Sampling(_Strict):
    """Which examples and types an epoch shows.

    `all_types` is the share of examples asked about all their annotated default types in the taxonomy's order, as
    serving asks; the others ask about a random part of them in random order. `empty_answers` is the largest share of
    examples without an entity (1: all that there are). `type_power` p shows an example in proportion to
    (its rarest type's count)^-p, `entity_power` to (1 + number of entities)^p; 0 shows every example once. `general`
    is the share of general dialogue mixed in.
    """

    all_types: float = Field(default=0.5, ge=0, le=1)
    empty_answers: float = Field(default=1.0, ge=0, le=1)
    type_power: float = Field(default=0.0, ge=0, le=1)
    entity_power: float = Field(default=0.0, ge=0, le=2)
    general: float = Field(default=0.0, ge=0, lt=1)


class Loss(_Strict):
    """What the loss weighs.

    `forced` false leaves out answer tokens that the grammar forces anyway; `decision_weight` multiplies the loss
    of the tokens at which the list goes on or ends.
    """

    forced: bool = True
    decision_weight: float = Field(default=1.0, gt=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)


class Optimisation(_Strict):
    """The optimiser and its schedule; `steps`, when given, ends the run before `epochs` do.

    `compile` compiles the layers (torch.compile): the first steps take a minute more, the others less. It needs a C++
    compiler on a CPU.
    """

    epochs: int = Field(default=3, gt=0)
    steps: int | None = Field(default=None, gt=0)
    learning_rate: float = Field(default=2e-4, gt=0)
    schedule: Literal["cosine", "linear", "constant_with_warmup"] = "cosine"
    warmup: float = Field(default=0.03, ge=0, lt=1)
    optimiser: Literal["adamw_torch", "adamw_torch_fused", "paged_adamw_32bit", "paged_adamw_8bit"] = "adamw_torch"
    weight_decay: float = Field(default=0.0, ge=0)
    max_grad_norm: float = Field(default=1.0, gt=0)
    gradient_checkpointing: bool = False
    compile: bool = False
    seed: int = 7


class Evaluation(_Strict):
    """What is measured on the way.

    Every `every` steps the loss of `examples` validation examples and the entity scores of the same, decoded under
    the grammar `batch` at a time; `patience` evaluations without a better F1 end the run. `general` rows of dialogue
    give the perplexity before and after.
    """

    every: int = Field(default=200, gt=0)
    examples: int = Field(default=200, ge=0)
    batch: int = Field(default=16, gt=0)
    patience: int | None = Field(default=None, gt=0)
    general: int = Field(default=0, ge=0)


class LlmRecipe(_Strict):
    """A whole run.

    `data` is a folder that `pii-sft data build` wrote; `report` names where curves go. `init_adapter`, a folder with a
    trained adapter, is where training begins instead of at fresh weights. Full fine-tuning, without an
    `adapter`, keeps its weights in float32 whatever the `dtype` of `base`, which is then that of arithmetic alone.
    """

    data: Path
    base: Base
    adapter: Adapter | None = Adapter()
    init_adapter: Path | None = None
    batches: Batches = Batches()
    sampling: Sampling = Sampling()
    loss: Loss = Loss()
    optimisation: Optimisation = Optimisation()
    evaluation: Evaluation = Evaluation()
    save_every: int = Field(default=200, gt=0)
    save_total_limit: int = Field(default=2, ge=2)
    log_every: int = Field(default=10, gt=0)
    report: tuple[Literal["tensorboard", "wandb", "swanlab"], ...] = ("tensorboard",)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.adapter is None and self.base.quantization:
            raise ValueError("full fine-tuning needs an unquantised base; give an adapter or drop base.quantization")
        if self.adapter is None and self.init_adapter:
            raise ValueError(
                "full fine-tuning has no adapter: drop init_adapter, or name a merged folder as base.model"
            )
        if self.batches.packing and self.base.attention != "sdpa":
            raise ValueError("batches.packing needs base.attention=sdpa, since packed examples share a question")
        if self.base.quantization and self.base.model.endswith(".gguf"):
            raise ValueError("a GGUF base is loaded unquantised; drop base.quantization or take another base")
        if self.evaluation.every % self.save_every:
            raise ValueError("evaluation.every must be a multiple of save_every, so that the best step is kept")
        return self


def load_recipe(name: str, overrides: Sequence[str] = ()) -> LlmRecipe:
    """Read the recipe `name` (shipped, or a YAML file) with `key.key=value` overrides, the values in YAML.

    Raises DataError, which names the file, key or override, for an unreadable file or a recipe that breaks its schema.
    """
    folder = resources.files("training") / "recipes"
    return read_recipe(name, folder, overrides, LlmRecipe)
