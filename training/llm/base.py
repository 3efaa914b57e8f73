"""The base model: a decoder of the Qwen2 family from the hub, a local folder or a GGUF file, and its tokenizer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    GenerationConfig,
    GgufConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.errors import ModelError
from training.llm.recipe import Adapter, Base, Recipe
from training.llm.tiny import TINY, tiny_base

_UNLOADABLE = (OSError, ValueError, RuntimeError, ImportError, SafetensorError)
"""What the libraries raise for files that are missing, cut off, or of another shape."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A base that is known to be usable: where its files are, the kind of its architecture and its tokenizer."""

    recipe: Base
    place: dict[str, Any]
    model_type: str
    tokenizer: PreTrainedTokenizerFast
    chat: ChatTokenizer


def open_base(base: Base) -> Loaded:
    """Read configuration and tokenizer of `base`, not yet its weights.

    Raises ModelError when it is missing, is no decoder, or has a tokenizer without the contract's control tokens.
    """
    place = _place(base)
    try:
        config = AutoConfig.from_pretrained(**place)
        tokenizer = AutoTokenizer.from_pretrained(**place)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ModelError(f"{base.model}: no loadable base: {_first_line(error)}") from None
    kind = (config.architectures or [f"{config.model_type} without architectures"])[0]
    if "gguf_file" not in place and not kind.endswith("ForCausalLM"):
        raise ModelError(f"{base.model}: {kind} is no decoder; a causal language model is needed")
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ModelError(f"{base.model}: {type(tokenizer).__name__} has no tokenizer.json; a fast tokenizer is needed")
    return Loaded(base, place, config.model_type, tokenizer, ChatTokenizer(tokenizer.backend_tokenizer, base.model))


def _place(base: Base) -> dict[str, Any]:
    """The arguments with which transformers finds the files."""
    if base.model == TINY:
        return {"pretrained_model_name_or_path": str(tiny_base()), "local_files_only": True}
    path = Path(base.model)
    if base.model.endswith(".gguf"):
        if not path.is_file():
            raise ModelError(f"{base.model}: no such file")
        return {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name, "local_files_only": True}
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelError(f"{base.model}: holds no config.json")
        return {"pretrained_model_name_or_path": base.model, "local_files_only": True}
    if path.is_absolute() or base.model.count("/") != 1:
        raise ModelError(f"{base.model}: neither a folder, a GGUF file nor a hub id (OWNER/NAME)")
    if base.revision is None:
        raise ModelError(f"{base.model}: a hub id needs base.revision, a commit")
    return {"pretrained_model_name_or_path": base.model, "revision": base.revision}


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def load_model(loaded: Loaded, trained_whole: bool) -> PreTrainedModel:
    """Load the weights; in float32 when they are `trained_whole`, else in the recipe's type or 4 bits.

    Raises ModelError when they cannot be loaded.
    """
    base = loaded.recipe
    dtype = torch.float32 if trained_whole else getattr(torch, base.dtype)
    options: dict[str, Any] = {"dtype": dtype, "attn_implementation": base.attention}
    if "gguf_file" in loaded.place:
        options["quantization_config"] = GgufConfig(dequantize=True)
    elif base.quantization == "nf4":
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=getattr(torch, base.dtype),
        )
    try:
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(**loaded.place, **options)
    except _UNLOADABLE as error:
        raise ModelError(f"{base.model}: the weights cannot be loaded: {_first_line(error)}") from None
    model.generation_config = GenerationConfig()  # a base may bring a repetition penalty, which would punish copying
    return model


def open_adapter(model: PreTrainedModel, folder: Path) -> PeftModel:
    """Put the trained LoRA adapter in `folder` on `model`. Raises ModelError when it is incomplete or does not fit."""
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        if not (folder / name).is_file():
            raise ModelError(f"{folder / name}: no such file")
    try:
        return PeftModel.from_pretrained(model, str(folder))
    except _UNLOADABLE as error:
        raise ModelError(f"{folder}: the adapter does not fit this base: {_first_line(error)}") from None


def lora_config(adapter: Adapter) -> LoraConfig:
    """`adapter` as peft has it."""
    return LoraConfig(
        r=adapter.r,
        lora_alpha=adapter.alpha,
        lora_dropout=adapter.dropout,
        target_modules=list(adapter.targets),
        use_dora=adapter.dora,
        use_rslora=adapter.rslora,
        task_type="CAUSAL_LM",
    )


def add_adapter(model: PreTrainedModel, adapter: Adapter) -> PeftModel:
    """Put a fresh LoRA adapter on `model`, whose own weights are frozen.

    Raises ModelError when the model has no layer of a target's name.
    """
    if getattr(model, "is_loaded_in_4bit", False):
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    names = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    if missing := sorted(set(adapter.targets) - names):
        raise ModelError(f"adapter.targets: the base has no layer {', '.join(missing)}")
    return get_peft_model(model, lora_config(adapter))


def build_model(loaded: Loaded, recipe: Recipe) -> PreTrainedModel | PeftModel:
    """The model to train: the base with a fresh adapter, or the base itself. Raises ModelError."""
    model = load_model(loaded, trained_whole=recipe.adapter is None)
    return model if recipe.adapter is None else add_adapter(model, recipe.adapter)
