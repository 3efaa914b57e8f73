"""Wires the LLM's stages: a base that training can open, the engine that serves it, the scores of evaluation."""

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from eval.scores import Counts, strict_counts
from schemas.checkpoint.adapter import ADAPTER_MANIFEST, read_adapter_manifest
from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.engine import Engine
from schemas.errors import ModelError
from schemas.llm.prompt import usual_types
from schemas.spans.entity import Example
from schemas.taxonomy import EntityType
from serving.engines.llm import LlmEngine, Settings
from serving.engines.llm.backends.onnx_backend import OnnxBackend
from serving.engines.llm.backends.torch_backend import TorchBackend
from training.llm.base import Loaded, load_model, open_adapter, open_base
from training.llm.footprint import weight_bytes
from training.llm.perplexity import perplexities
from training.llm.recipe import Base, Dtype
from training.llm.tiny import TINY
from training.llm.trainer import Scorer

Runtime = Literal["torch", "onnx"]
_FORMAT = 1
"""Version of the decoder's files; another one makes them anew."""


def load_llm(
    model: str | None,
    adapter: Path | None = None,
    *,
    revision: str | None = None,
    runtime: Runtime | None = None,
    dtype: Dtype | None = None,
    quantization: Literal["nf4"] | None = None,
    bits: Literal[4, 8] = 8,
    threads: int | None = None,
    rows: int = 8,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    guesser: Engine | None = None,
) -> LlmEngine:
    """Load a causal language model and, when given, the LoRA adapter in folder `adapter`.

    Without `model` the base that the adapter names. `runtime` torch runs it on a GPU where there is one, `rows` texts
    at a time, in `dtype` (by default the type in which the adapter was trained, else bfloat16) or in 4 bits with
    `quantization`; onnx runs it in `bits` bits on `threads` threads of the CPU, one text at a time, from files that are
    made once and kept (see `cache_folder`). Without `runtime`: onnx for a base of the Qwen2 architecture where there
    is no GPU and no `dtype` or `quantization` is asked for, else torch. `settings` and `guesser` are those of the
    detector. Raises ModelError for a model or adapter that cannot be used or is too big for the memory,
    FingerprintError for an adapter of another contract.
    """
    manifest = read_adapter_manifest(adapter) if adapter is not None else {}
    if adapter is not None and not manifest["adapter"]:  # a whole model that `train` or `export` wrote
        model, adapter = str(adapter), None
    if model is None and not manifest:
        raise ModelError("an LLM needs a model, an adapter, or both")
    if model is not None and (Path(model) / ADAPTER_MANIFEST).is_file():
        manifest = manifest or read_adapter_manifest(Path(model))
    place = {"model": model, "revision": revision} if model else manifest["base"]
    default = manifest.get("dtype", "bfloat16")
    loaded = open_base(Base(**place, dtype=dtype or default, quantization=quantization))
    on_gpu = torch.cuda.is_available()
    if runtime is None:
        in_4_bits = loaded.model_type == "qwen2" and loaded.recipe.model != TINY
        runtime = "onnx" if in_4_bits and not (on_gpu or dtype or quantization) else "torch"
    if runtime == "onnx":
        if dtype or quantization:
            raise ModelError("dtype and quantization are for the runtime torch; onnx has quantised weights of its own")
        return LlmEngine(OnnxBackend(_decoder(loaded, adapter, bits), threads), loaded.chat, settings, guesser)
    device = torch.device("cuda" if on_gpu else "cpu")
    if threads and not on_gpu:
        torch.set_num_threads(threads)
    _check_memory(weight_bytes(loaded), device)
    weights = _weights(loaded, adapter)
    if not quantization:
        weights = weights.to(device)
    return LlmEngine(TorchBackend(weights, rows), loaded.chat, settings, guesser)


def _weights(loaded: Loaded, adapter: Path | None) -> Any:
    weights: Any = load_model(loaded, trained_whole=False)
    if adapter is not None:
        weights = open_adapter(weights, adapter)
    return weights.eval()


def _check_memory(needed: float, device: torch.device) -> None:
    """Raise ModelError when `needed` bytes do not fit into the memory of `device`."""
    if device.type == "cuda":
        available = float(torch.cuda.mem_get_info()[0])
    else:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines() if Path("/proc/meminfo").exists() else []
        found = [line.split()[1] for line in lines if line.startswith("MemAvailable")]
        available = float(found[0]) * 1024 if found else float("inf")
    if needed > available:
        sizes = f"{needed / 1e9:.1f} GB, {available / 1e9:.1f} GB are available"
        raise ModelError(f"the weights need {sizes} on {device.type}; take 4 bits or a smaller model")


def cache_folder() -> Path:
    """Where converted models are kept: $PII_SFT_CACHE, or pii-sft in the user's cache folder."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("PII_SFT_CACHE") or Path(home) / "pii-sft")


def _decoder(loaded: Loaded, adapter: Path | None, bits: int) -> Path:
    """The folder of the decoder in `bits` bits of a base with its adapter merged; it is made when it is not there."""
    folder = cache_folder() / f"decoder-{bits}-{_key(loaded, adapter)}"
    if folder.is_dir():
        return folder
    from serving.engines.llm.backends.onnx_graph import write_decoder

    exact = open_base(loaded.recipe.model_copy(update={"dtype": "float32" if adapter else "bfloat16"}))
    _check_memory(weight_bytes(exact), torch.device("cpu"))
    weights = _weights(exact, adapter)
    if adapter is not None:
        weights = weights.merge_and_unload()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".decoder-") as partial:
            write_decoder(weights, Path(partial) / "whole", bits)
            (Path(partial) / "whole").rename(folder)
    except OSError as error:
        if not folder.is_dir():  # else another process was faster
            raise ModelError(f"{folder}: cannot be written ({error.strerror})") from None
    return folder


def general_perplexities(
    model: str | None,
    adapter: Path,
    texts: Sequence[str],
    revision: str | None = None,
    quantization: Literal["nf4"] | None = None,
) -> dict[str, dict[str, float]]:
    """The perplexity of `texts` by language, without and with the LoRA adapter in folder `adapter`, under torch.

    See `training.llm.perplexity`. Raises ModelError as `load_llm` does.
    """
    manifest = read_adapter_manifest(adapter)
    place = {"model": model, "revision": revision} if model else manifest["base"]
    loaded = open_base(Base(**place, dtype=manifest.get("dtype", "bfloat16"), quantization=quantization))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    _check_memory(weight_bytes(loaded), device)
    weights = _weights(loaded, adapter)
    return perplexities(weights if quantization else weights.to(device), loaded.chat, texts)


def _key(loaded: Loaded, adapter: Path | None) -> str:
    """What a decoder is made from: names, sizes and times of local files, the commit of hub files."""
    place = loaded.place
    folder = Path(place["pretrained_model_name_or_path"])
    parts: list[Any] = [_FORMAT, {name: str(value) for name, value in place.items()}]
    for local in (folder, adapter):
        if local is not None and local.is_dir():
            files = sorted(path for path in local.iterdir() if path.suffix in (".safetensors", ".json", ".gguf"))
            parts.append([(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in files])
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def make_scorer(tokenizer: PreTrainedTokenizerFast, batch: int) -> Scorer:
    """What the trainer calls to score a model on examples: detection under the grammar, strict matching."""
    chat = ChatTokenizer(tokenizer.backend_tokenizer, type(tokenizer).__name__)

    def score(model: PreTrainedModel, examples: Sequence[Example]) -> tuple[int, int, int]:
        detector = LlmEngine(TorchBackend(model, batch), chat)
        total = Counts()
        by_types: dict[tuple[EntityType, ...], list[Example]] = {}
        for example in examples:
            by_types.setdefault(usual_types(example), []).append(example)
        for types, group in by_types.items():
            predictions = detector.detect([example.document.text for example in group], types)
            total = sum(strict_counts(group, predictions, types).values(), total)
        return total.tp, total.fp, total.fn

    return score
