"""Loads an LLM engine: a base, with or without an adapter, under torch or ONNX Runtime."""

from pathlib import Path
from typing import Literal

import torch

from schemas.checkpoint.adapter import ADAPTER_MANIFEST, AdapterManifest
from schemas.checkpoint.base import TINY, Base, Dtype, OpenedBase, Quantization, open_base
from schemas.engine import Engine
from schemas.errors import ModelError
from serving.engines.llm.backends.backend import Backend
from serving.engines.llm.backends.onnx_backend import OnnxBackend
from serving.engines.llm.backends.torch_backend import TorchBackend
from serving.engines.llm.decoder_cache import cached_decoder
from serving.engines.llm.engine import LlmEngine, LlmSettings
from serving.engines.llm.shared_base import shared_base


def load_llm(
    model: str | None,
    adapter: Path | None = None,
    *,
    revision: str | None = None,
    runtime: Literal["torch", "onnx"] | None = None,
    dtype: Dtype | None = None,
    quantization: Quantization | None = None,
    bits: Literal[4, 8] = 8,
    threads: int | None = None,
    settings: LlmSettings = LlmSettings(),  # noqa: B008 - frozen
    guesser: Engine | None = None,
) -> LlmEngine:
    """Load a causal language model and, when given, the LoRA adapter in folder `adapter`.

    Without `model` the base that the adapter names. `runtime` torch runs it on a GPU where there is one, some texts
    at a time, in `dtype` (by default the type in which the adapter was trained, else bfloat16) or in 4 bits with
    `quantization`, on weights that it shares with what else has that base; onnx runs it in `bits` bits on `threads`
    threads of the CPU, one text at a time, from files that are made once and kept (see
    `serving.engines.llm.decoder_cache`). Without `runtime`: onnx for a base of the Qwen2 architecture where there is no
    GPU and no `dtype` or `quantization` is asked for, else torch. `settings` and `guesser` are those of `LlmEngine`.
    Raises ModelError for a model or adapter that cannot be used or is too big for the memory, FingerprintError for an
    adapter of another contract.
    """
    opened, lora = open_llm(model, adapter, revision=revision, dtype=dtype, quantization=quantization)
    if runtime is None:
        has_decoder = opened.model_type == "qwen2" and opened.base.model != TINY
        runtime = "onnx" if has_decoder and not (torch.cuda.is_available() or dtype or quantization) else "torch"
    if runtime == "onnx":
        if dtype or quantization:
            raise ModelError("dtype and quantization work with the runtime torch only; for onnx use bits")
        backend: Backend = OnnxBackend(cached_decoder(opened, lora, bits), threads)
    else:
        if threads and not torch.cuda.is_available():
            torch.set_num_threads(threads)
        base = shared_base(opened)
        backend = TorchBackend(base.model, using=base.with_adapter(lora))
    engine = LlmEngine(backend, opened.chat, settings, guesser)
    engine.warm_up()
    return engine


def open_llm(
    model: str | None,
    adapter: Path | None,
    *,
    revision: str | None = None,
    dtype: Dtype | None = None,
    quantization: Quantization | None = None,
) -> tuple[OpenedBase, Path | None]:
    """The opened base, and the folder of the LoRA adapter to put on it, if any; arguments are those of `load_llm`.

    `adapter` may hold a whole model that `train` or `export` wrote, which is then the base. Raises as `load_llm` does.
    """
    manifest = AdapterManifest.read(adapter) if adapter is not None else None
    if manifest is not None and not manifest.adapter:
        model, adapter = str(adapter), None
    if manifest is None and model is not None and (Path(model) / ADAPTER_MANIFEST).is_file():
        manifest = AdapterManifest.read(Path(model))
    if model is not None:
        trained = Base(model, revision)
    elif manifest is not None:
        trained = manifest.base
    else:
        raise ModelError("an LLM needs a model, an adapter, or both")
    usual_dtype = manifest.base.dtype if manifest is not None else trained.dtype
    try:
        return open_base(Base(trained.model, trained.revision, dtype or usual_dtype, quantization)), adapter
    except ModelError as error:
        if model is not None:
            raise
        hint = f"{adapter} was trained on this base; if the base lies elsewhere, name its place as model"
        raise ModelError(f"{error}; {hint}") from error
