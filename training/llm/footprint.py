"""What a recipe takes, before it is run: trained parameters, the adapter's size, memory apart from activations."""

from dataclasses import dataclass
from typing import Any

import torch
from peft import get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM

from training.llm.base import Loaded, lora_config
from training.llm.recipe import Recipe

_NF4_BYTES = 4.127 / 8
"""Bytes of a weight in NF4 with double quantisation (Dettmers et al. 2023, section 3)."""
_MOMENT_BYTES = {"paged_adamw_8bit": 2}
"""Bytes of AdamW's two moments of one weight; 8 where they are in float32."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Numbers of parameters, and bytes: of the frozen weights, and of the trained ones with gradients and moments."""

    trained: int
    all: int
    frozen_bytes: float
    trained_bytes: float

    @property
    def share(self) -> float:
        """Trained parameters by all parameters."""
        return self.trained / self.all

    @property
    def adapter_bytes(self) -> int:
        """Size of the trained weights in a file, in float32."""
        return 4 * self.trained


def footprint(recipe: Recipe, loaded: Loaded) -> Footprint:
    """Count what `recipe` trains on its base, from the base's configuration alone; no weights are read.

    Activations come on top: they grow with the tokens of a batch.
    """
    model, linear = _shape(loaded)
    if recipe.adapter is not None:
        with torch.device("meta"):
            model = get_peft_model(model, lora_config(recipe.adapter))
    in_linear = elsewhere = getattr(torch, recipe.base.dtype).itemsize
    if recipe.base.quantization:
        in_linear, elsewhere = _NF4_BYTES, 4  # peft keeps the rest in float32
    trained = frozen = 0
    frozen_bytes = 0.0
    for parameter in model.parameters():
        if parameter.requires_grad:
            trained += parameter.numel()
        else:
            frozen += parameter.numel()
            frozen_bytes += parameter.numel() * (in_linear if id(parameter) in linear else elsewhere)
    each = 4 + 4 + _MOMENT_BYTES.get(recipe.optimisation.optimiser, 8)
    return Footprint(trained, trained + frozen, frozen_bytes, float(trained * each))


def weight_bytes(loaded: Loaded) -> float:
    """Bytes of the base's weights as its recipe loads them to answer, from its configuration alone."""
    model, linear = _shape(loaded)
    whole = getattr(torch, loaded.recipe.dtype).itemsize
    in_linear = _NF4_BYTES if loaded.recipe.quantization else whole
    sizes = [(parameter.numel(), in_linear if id(parameter) in linear else whole) for parameter in model.parameters()]
    return float(sum(number * size for number, size in sizes))


def _shape(loaded: Loaded) -> tuple[Any, set[int]]:
    """The base without its weights, and the ids of the weights that 4 bits are for."""
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(**loaded.place), dtype=torch.bfloat16)
    linear = {id(module.weight) for module in model.modules() if isinstance(module, torch.nn.Linear)}
    linear.discard(id(model.get_output_embeddings().weight))
    return model, linear
