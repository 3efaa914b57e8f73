"""The base model: a decoder of the Qwen2 family from the hub, a local folder or a GGUF file, and its tokenizer.

torch and transformers are imported when a base is opened, so that a recipe can name one without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.errors import ModelError
from schemas.llm.prompt import CHAT_TEMPLATE

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

TINY = "tiny-random-qwen2"
"""Name of a tiny random base; every process makes the same one (`schemas.checkpoint.tiny`)."""

Dtype = Literal["bfloat16", "float16", "float32"]
"""Names of torch's types for weights and arithmetic."""
Quantization = Literal["nf4"]
"""How linear layers may be held: NF4, the 4-bit type of QLoRA (Dettmers et al. 2023)."""


@dataclass(frozen=True, slots=True)
class Base:
    """Which base to open, and how.

    `model` is a hub id, a local folder, a GGUF file, or `tiny-random-qwen2`; `revision` pins a hub id. `dtype` is the
    type of weights and arithmetic. `quantization` nf4 holds the linear layers in 4 bits.
    """

    model: str
    revision: str | None = None
    dtype: Dtype = "bfloat16"
    quantization: Quantization | None = None
    attention: Literal["sdpa", "eager", "flash_attention_2"] = "sdpa"


def absolute(model: str) -> str:
    """`model`, the path of a local one made absolute, so that it means the same from everywhere."""
    return str(Path(model).resolve()) if Path(model).exists() else model


@dataclass(frozen=True, slots=True)
class OpenedBase:
    """A base that is known to be usable; its weights are not loaded yet.

    `files` are the arguments with which transformers finds its files, `model_type` is the kind of its architecture.
    """

    base: Base
    files: dict[str, Any]
    model_type: str
    tokenizer: PreTrainedTokenizerFast
    chat: ChatTokenizer

    def with_dtype(self, dtype: Dtype) -> OpenedBase:
        """The same base, whose weights will be loaded in `dtype`."""
        return replace(self, base=replace(self.base, dtype=dtype))

    def save_tokenizer(self, folder: Path) -> None:
        """Write the tokenizer with the contract's chat template to `folder`, for other programs."""
        self.tokenizer.chat_template = CHAT_TEMPLATE
        self.tokenizer.save_pretrained(folder)


def open_base(base: Base) -> OpenedBase:
    """Read configuration and tokenizer of `base`, not its weights.

    Raises ModelError when it is missing, is no decoder, or has a tokenizer without the contract's control tokens.
    """
    from transformers import AutoConfig, AutoTokenizer, PreTrainedTokenizerFast

    files = _files(base)
    with loading(f"{base.model}: no loadable base"):
        config = AutoConfig.from_pretrained(**files)
        tokenizer = AutoTokenizer.from_pretrained(**files)
    architecture = (config.architectures or [f"{config.model_type} without architectures"])[0]
    if "gguf_file" not in files and not architecture.endswith("ForCausalLM"):
        raise ModelError(f"{base.model}: {architecture} is not a causal language model")
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ModelError(f"{base.model}: {type(tokenizer).__name__} has no tokenizer.json; a fast tokenizer is needed")
    chat = ChatTokenizer(tokenizer.backend_tokenizer, base.model)
    return OpenedBase(base, files, config.model_type, tokenizer, chat)


def load_weights(opened: OpenedBase) -> PreTrainedModel:
    """Load the weights of a base in its type, or in 4 bits. Raises ModelError when they cannot be loaded."""
    import torch
    from transformers import AutoModelForCausalLM, GenerationConfig

    base = opened.base
    options = {"dtype": getattr(torch, base.dtype), "attn_implementation": base.attention}
    if quantization := _quantization(opened):
        options["quantization_config"] = quantization
    with loading(f"{base.model}: the weights cannot be loaded"):
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(**opened.files, **options)
    model.generation_config = GenerationConfig()  # a base may bring a repetition penalty, which would punish copying
    return model


@contextmanager
def loading(failure: str) -> Iterator[None]:
    """Raise ModelError that begins with `failure` where a library finds files missing, cut off or misshapen."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
        raise ModelError(f"{failure}: {_first_line(error)}") from None


@contextmanager
def saving(folder: Path) -> Iterator[None]:
    """Raise ModelError, which names `folder`, where a library cannot write there, as when a disk is full."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"{folder}: cannot be written: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    """What a library says first, or the name of the error where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _files(base: Base) -> dict[str, Any]:
    """The arguments with which transformers finds the files of `base`."""
    if base.model == TINY:
        from schemas.checkpoint.tiny import tiny_base

        return {"pretrained_model_name_or_path": str(tiny_base()), "local_files_only": True}
    path = Path(base.model)
    if base.model.endswith(".gguf"):
        if not path.is_file():
            raise ModelError(f"{base.model}: no such file")
        return {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name, "local_files_only": True}
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelError(f"{base.model}: has no config.json")
        return {"pretrained_model_name_or_path": base.model, "local_files_only": True}
    if path.is_absolute() or base.model.count("/") != 1:
        raise ModelError(f"{base.model}: neither a folder, a GGUF file nor a hub id (OWNER/NAME)")
    if base.revision is None:
        raise ModelError(f"{base.model}: a hub id needs base.revision, a commit")
    return {"pretrained_model_name_or_path": base.model, "revision": base.revision}


def _quantization(opened: OpenedBase) -> Any:
    """How transformers is to hold the weights; None: as they are."""
    import torch
    from transformers import BitsAndBytesConfig, GgufConfig

    if "gguf_file" in opened.files:
        return GgufConfig(dequantize=True)
    if opened.base.quantization is None:
        return None
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, opened.base.dtype),
    )
