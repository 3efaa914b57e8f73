"""The model that a recipe trains, and what it takes: trained parameters, the adapter's size, memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training, set_peft_model_state_dict
from peft.utils import load_peft_weights
from transformers import PreTrainedModel

from schemas.checkpoint.adapter import AdapterManifest
from schemas.checkpoint.base import OpenedBase, load_weights, loading
from schemas.checkpoint.footprint import NF4_BYTES, skeleton
from schemas.errors import ModelError
from training.llm.recipe import Adapter, LlmRecipe
from training.llm.trainer import flops_per_token

_MOMENT_BYTES = {"paged_adamw_8bit": 2}
"""Bytes of AdamW's two moments of one weight; 8 where they are in float32."""


def build_model(opened: OpenedBase, recipe: LlmRecipe) -> PreTrainedModel | PeftModel:
    """The model to train: the base with an adapter, or the base itself in float32. Raises ModelError."""
    if recipe.adapter is None:
        model: PreTrainedModel | PeftModel = (base := load_weights(opened.with_dtype("float32")))
    else:
        model = adapted = add_adapter(base := load_weights(opened), recipe.adapter)
        if recipe.init_adapter is not None:
            _begin_with(adapted, recipe.init_adapter, recipe.adapter)
    if recipe.optimisation.compile:
        for layer in base.get_decoder().layers:
            layer.compile(dynamic=True)  # each by itself: they are alike, and one compilation serves all
    return model


def add_adapter(model: PreTrainedModel, adapter: Adapter) -> PeftModel:
    """Put a fresh LoRA adapter on `model`, whose own weights are frozen.

    Raises ModelError when the model has no layer of a target's name.
    """
    if getattr(model, "is_loaded_in_4bit", False):
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
        _keep_unpacked(model)
    layers = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    if missing := sorted(set(adapter.targets) - layers):
        raise ModelError(f"adapter.targets: the base has no layer {', '.join(missing)}")
    return get_peft_model(model, _lora_config(adapter))


def _keep_unpacked(model: PreTrainedModel) -> None:
    """Keep bitsandbytes from packing 4-bit weights for a CPU with AVX512-BF16 when the model is evaluated.

    It packs them at the first answer, and what is packed can no longer be trained (bitsandbytes 0.50, `Linear4bit`).
    """
    modules: Iterable[Any] = model.modules()
    for module in modules:
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def _begin_with(model: PeftModel, folder: Path, adapter: Adapter) -> None:
    """Give the fresh adapter of `model` the weights of the one in `folder`, which must be of the same form."""
    AdapterManifest.read(folder)
    with loading(f"init_adapter: {folder}: no loadable adapter"):
        config, weights = LoraConfig.from_pretrained(str(folder)), load_peft_weights(str(folder), device="cpu")
    ours = _lora_config(adapter)
    for name in ("r", "lora_alpha", "use_dora", "use_rslora"):
        if getattr(config, name) != getattr(ours, name):
            there, here = getattr(config, name), getattr(ours, name)
            raise ModelError(f"init_adapter: {folder}: its {name} is {there}, the recipe's adapter has {here}")
    if set(config.target_modules or ()) != set(adapter.targets):
        raise ModelError(f"init_adapter: {folder}: its layers are not those of adapter.targets")
    with loading(f"init_adapter: {folder}: the adapter does not fit this base"):
        set_peft_model_state_dict(model, weights)


def _lora_config(adapter: Adapter) -> LoraConfig:
    return LoraConfig(
        r=adapter.r,
        lora_alpha=adapter.alpha,
        lora_dropout=adapter.dropout,
        target_modules=list(adapter.targets),
        use_dora=adapter.dora,
        use_rslora=adapter.rslora,
        task_type="CAUSAL_LM",
    )


@dataclass(frozen=True, slots=True)
class Footprint:
    """Numbers of parameters, and bytes: of the frozen weights, and of the trained ones with gradients and moments.

    `flops_per_token` are the operations that training takes for a token.
    """

    trained: int
    all: int
    frozen_bytes: float
    trained_bytes: float
    flops_per_token: float

    @property
    def share(self) -> float:
        """Trained parameters by all parameters."""
        return self.trained / self.all

    @property
    def adapter_bytes(self) -> int:
        """Size of the trained weights in a file, in float32."""
        return 4 * self.trained


def footprint(opened: OpenedBase, recipe: LlmRecipe) -> Footprint:
    """Count what `recipe` trains on its base, from the base's configuration alone; no weights are read.

    Activations come on top: they grow with the tokens of a batch.
    """
    model, linear = skeleton(opened)
    if recipe.adapter is not None:
        with torch.device("meta"):
            model = get_peft_model(model, _lora_config(recipe.adapter))
    in_linear = elsewhere = getattr(torch, recipe.base.dtype).itemsize
    if recipe.base.quantization:
        in_linear, elsewhere = NF4_BYTES, 4  # peft keeps the rest in float32
    trained = frozen = 0
    frozen_bytes = 0.0
    for parameter in model.parameters():
        if parameter.requires_grad:
            trained += parameter.numel()
        else:
            frozen += parameter.numel()
            frozen_bytes += parameter.numel() * (in_linear if id(parameter) in linear else elsewhere)
    each = 4 + 4 + _MOMENT_BYTES.get(recipe.optimisation.optimiser, 8)
    return Footprint(trained, trained + frozen, frozen_bytes, float(trained * each), flops_per_token(model))
