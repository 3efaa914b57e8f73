"""A base on its device, which the adapters on it share: each call of the model has its own."""

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import torch

from schemas.checkpoint.adapter import load_with_adapter, open_adapter, open_adapter_beside
from schemas.checkpoint.base import OpenedBase
from schemas.checkpoint.footprint import check_memory
from serving.engines.llm.backends.torch_backend import Using
from serving.engines.llm.decoder_cache import files_digest, local_files


class SharedBase:
    """The weights of a base, loaded once for as long as anything answers with them."""

    def __init__(self, opened: OpenedBase) -> None:
        """Load the weights. Raises ModelError when they cannot be loaded or are too big for the memory."""
        self.model: Any = load_on_device(opened, None)
        self._adapted: Any = None
        self._adapters: dict[Hashable, str] = {}
        self._active: str | None = None
        self._lock = threading.RLock()

    def with_adapter(self, folder: Path | None) -> Using:
        """Contexts in which the model answers with the LoRA adapter in `folder`, or with none.

        Calls within contexts of different adapters wait for each other. Raises ModelError when the adapter cannot be
        loaded.
        """
        name = None if folder is None else self._add(folder)
        return lambda: self._using(name)

    def _add(self, folder: Path) -> str:
        """The name of the adapter in `folder`, which is loaded when it is new, or was changed."""
        with self._lock:
            key = local_files(folder)
            if key not in self._adapters:
                name = f"adapter{len(self._adapters):06}"  # peft looks for it within the names of tensors
                if self._adapted is None:
                    self._adapted = open_adapter(self.model, folder, name).eval()
                    self._active = name
                else:
                    open_adapter_beside(self._adapted, folder, name)
                self._adapters[key] = name
            return self._adapters[key]

    @contextmanager
    def _using(self, name: str | None) -> Iterator[None]:
        with self._lock:
            if self._adapted is None:
                yield
            elif name is None:
                with self._adapted.disable_adapter():
                    yield
            else:
                if name != self._active:
                    self._adapted.set_adapter(name, inference_mode=True)
                    self._active = name
                yield


_LOADED: WeakValueDictionary[Hashable, SharedBase] = WeakValueDictionary()
_LOADING = threading.Lock()


def shared_base(opened: OpenedBase) -> SharedBase:
    """The base of these files, number type and quantisation; the one that is loaded already, if there is one.

    Raises ModelError as `SharedBase` does.
    """
    key = files_digest(opened, None), opened.base.dtype, opened.base.quantization
    with _LOADING:
        base = _LOADED.get(key)
        if base is None:
            base = _LOADED[key] = SharedBase(opened)
        return base


def load_on_device(opened: OpenedBase, adapter: Path | None) -> Any:
    """The weights of a base with its adapter, on the GPU where there is one, to answer with. Raises ModelError."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    check_memory(opened, device)
    weights = load_with_adapter(opened, adapter)
    return weights if opened.base.quantization else weights.to(device)
