"""What a base's weights take, known before any of them is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.checkpoint.base import OpenedBase
from schemas.errors import ModelError

if TYPE_CHECKING:
    import torch

NF4_BYTES = 4.127 / 8
"""Bytes of a weight in NF4 with double quantisation (Dettmers et al. 2023, section 3)."""


def skeleton(opened: OpenedBase) -> tuple[Any, set[int]]:
    """The base without its weights, and the ids (of `id`) of the parameters that 4 bits are for."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(**opened.files), dtype=torch.bfloat16)
    linear = {id(module.weight) for module in model.modules() if isinstance(module, torch.nn.Linear)}
    linear.discard(id(model.get_output_embeddings().weight))
    return model, linear


def weight_bytes(opened: OpenedBase) -> float:
    """Bytes of the weights as `schemas.checkpoint.base.load_weights` loads them."""
    import torch

    model, linear = skeleton(opened)
    whole = getattr(torch, opened.base.dtype).itemsize
    in_linear = NF4_BYTES if opened.base.quantization else whole
    sizes = [(parameter.numel(), in_linear if id(parameter) in linear else whole) for parameter in model.parameters()]
    return float(sum(number * size for number, size in sizes))


def check_memory(opened: OpenedBase, device: torch.device) -> None:
    """Raise ModelError when the weights do not fit into the free memory of `device`."""
    needed, available = weight_bytes(opened), _available_bytes(device)
    if needed > available:
        sizes = f"{needed / 1e9:.1f} GB, {available / 1e9:.1f} GB are available"
        raise ModelError(f"the weights need {sizes} on {device.type}; use 4 bits or a smaller model")


def _available_bytes(device: torch.device) -> float:
    import torch

    if device.type == "cuda":
        return float(torch.cuda.mem_get_info()[0])
    meminfo = Path("/proc/meminfo")
    lines = meminfo.read_text(encoding="ascii").splitlines() if meminfo.exists() else []
    kilobytes = [line.split()[1] for line in lines if line.startswith("MemAvailable")]
    return float(kilobytes[0]) * 1024 if kilobytes else float("inf")
