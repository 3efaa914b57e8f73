"""Quantised decoders in the user's cache folder: each is made once from a base and its adapter, and kept."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import torch

from schemas.checkpoint.adapter import load_with_adapter
from schemas.checkpoint.base import OpenedBase
from schemas.checkpoint.footprint import check_memory
from schemas.errors import ModelError

_FORMAT = 1
"""Version of the decoder's files; another one makes them anew."""


def cache_folder() -> Path:
    """Where converted models are kept: $PII_SFT_CACHE, or pii-sft in the user's cache folder."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("PII_SFT_CACHE") or Path(home) / "pii-sft")


def cached_decoder(opened: OpenedBase, adapter: Path | None, bits: int) -> Path:
    """The folder of the decoder in `bits` bits of a base with its adapter merged; it is made when it is not there.

    Raises ModelError when it cannot be made.
    """
    folder = cache_folder() / f"decoder-{bits}-{files_digest(opened, adapter)}"
    if not folder.is_dir():
        _make(folder, opened.with_dtype("float32" if adapter else "bfloat16"), adapter, bits)
    return folder


def _make(folder: Path, opened: OpenedBase, adapter: Path | None, bits: int) -> None:
    from serving.engines.llm.backends.onnx_graph import write_decoder

    check_memory(opened, torch.device("cpu"))
    weights = load_with_adapter(opened, adapter)
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


def files_digest(opened: OpenedBase, adapter: Path | None) -> str:
    """A digest of what a base and an adapter are read from: local files by name, size and time, hub files by commit."""
    base = Path(opened.files["pretrained_model_name_or_path"])
    parts: list[Any] = [_FORMAT, {name: str(value) for name, value in opened.files.items()}]
    parts += [local_files(folder) for folder in (base, adapter) if folder is not None and folder.is_dir()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def local_files(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of the files of a model in `folder`; empty for a model of the hub."""
    files = sorted(path for path in folder.glob("*") if path.suffix in (".safetensors", ".json", ".gguf"))
    return tuple((str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in files)
