"""The quantised decoder on a CPU: ONNX Runtime, one row, keys and values in buffers that are written in place."""

import json
import os
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from schemas.errors import ModelError
from serving.engines.llm.backends.backend import Floats, Ids, Query
from serving.engines.llm.backends.onnx_graph import EMBEDDING, GRAPH, OUTPUT, SHAPE

_CAPACITY = 1024
"""Tokens for which there is room at first; the room doubles as needed."""

_FEW = 8192
"""Most tokens whose rows of the output layer are gathered one by one."""
_PREFIXES = 8
"""Prefixes whose keys and values are kept."""


class OnnxBackend:
    """What `serving.engines.llm.backends.onnx_graph.write_decoder` wrote; itself a `Backend` of one row.

    The keys and values of the last prefixes are kept: rows that begin with one of them skip it.
    """

    rows = 1

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        """Open the decoder in `folder` on `threads` threads (default: one a core).

        Raises ModelError when it cannot be opened.
        """
        options = onnxruntime.SessionOptions()
        self._threads = threads or os.cpu_count() or 1
        options.intra_op_num_threads = self._threads
        try:
            self._shape: dict[str, int] = json.loads((folder / SHAPE).read_text(encoding="utf-8"))
            self._session = onnxruntime.InferenceSession(str(folder / GRAPH), options, ["CPUExecutionProvider"])
            self._embedding = np.load(folder / EMBEDDING, mmap_mode="r")
            untied = (folder / OUTPUT).is_file()
            self._output = np.load(folder / OUTPUT, mmap_mode="r") if untied else self._embedding
        except Exception as error:  # onnxruntime's errors have no common class
            raise ModelError(f"{folder}: no readable decoder ({type(error).__name__})") from None
        self._buffers: dict[str, Any] = {}
        self._binding = self._session.io_binding()
        self._reserve(_CAPACITY)
        self._length = self._fed = 0
        self.prefixes: OrderedDict[tuple[int, ...], dict[str, Floats]] = OrderedDict()
        self._prefix: tuple[int, ...] = ()

    @property
    def description(self) -> str:
        """What runs where, in a few words."""
        return f"{self._shape['bits']}-bit weights under ONNX Runtime on {self._threads} CPU threads"

    def begin(self, prefix: Sequence[int], rows: int) -> "OnnxBackend":
        """Start anew after `prefix`; the model itself is the only row there can be."""
        if rows != 1:
            raise ValueError("this model continues one row at a time")
        key = tuple(prefix)
        if key not in self.prefixes:
            self._prefix, self._length = (), 0
            self.forward([prefix], [[]])
            self.prefixes[key] = {
                name: buffer.numpy()[:, :, : len(prefix)].copy() for name, buffer in self._buffers.items()
            }
            if len(self.prefixes) > _PREFIXES:
                self.prefixes.popitem(last=False)
        elif self._prefix != key:
            for name, kept in self.prefixes[key].items():
                self._buffers[name].numpy()[:, :, : len(prefix)] = kept
        self.prefixes.move_to_end(key)
        self._prefix, self._length = key, len(prefix)
        return self

    def forward(self, chunks: Sequence[Sequence[int]], queries: Sequence[Sequence[Query]]) -> list[list[Floats]]:
        """Continue the row by its chunk, as `serving.engines.llm.backends.backend.Rows` has it."""
        (chunk,), (wanted,) = chunks, queries
        total = self._length + len(chunk)
        self._reserve(total)
        binding = self._binding
        binding.bind_cpu_input("hidden", self._embedding[list(chunk)].astype(np.float32)[None])
        binding.bind_cpu_input("last", np.array([total - 1], np.int32))
        binding.bind_cpu_input("total", np.array(total, np.int32))
        binding.bind_output("states")
        self._session.run_with_iobinding(binding)
        states: Any = binding.get_outputs()[-1].numpy()[0]
        self._length, self._fed = total, len(chunk)
        return [[self._logits(states[at], ids) for at, ids in wanted]]

    def keep(self, counts: Sequence[int]) -> None:
        """Take back all but the first `counts[0]` tokens of the last chunk."""
        self._length -= self._fed - counts[0]
        self._fed = counts[0]

    def select(self, rows: Sequence[int]) -> None:
        """There is one row; it is left when decoding ends."""

    def _logits(self, state: Floats, ids: Ids | None) -> Floats:
        if ids is not None and len(ids) <= _FEW:
            logits: Floats = self._output[ids].astype(np.float32) @ state
            return logits
        every: Floats = self._whole_output @ state
        return every if ids is None else every[ids]

    @cached_property
    def _whole_output(self) -> Floats:
        """The output layer in 32 bits, which answers without a grammar need."""
        weights: Floats = self._output.astype(np.float32)
        return weights

    def _reserve(self, total: int) -> None:
        """Make room for `total` tokens; what is there stays."""
        capacity = next(iter(self._buffers.values())).shape()[2] if self._buffers else 0
        if total <= capacity:
            return
        if total > self._shape["positions"]:
            raise ModelError(f"a sequence of {total} tokens is longer than the model's {self._shape['positions']}")
        room = max(_CAPACITY, 1 << (total - 1).bit_length())
        for layer in range(self._shape["layers"]):
            for part in ("key", "value"):
                name = f"layer{layer}.{part}"
                buffer = np.zeros((1, self._shape["heads"], room, self._shape["head_size"]), np.float32)
                if capacity:
                    buffer[:, :, :capacity] = self._buffers[name].numpy()
                self._buffers[name] = onnxruntime.OrtValue.ortvalue_from_numpy(buffer)
        self._bind()

    def _bind(self) -> None:
        self._binding.clear_binding_inputs()
        self._binding.clear_binding_outputs()
        for name, buffer in self._buffers.items():
            self._binding.bind_ortvalue_input(name, buffer)
            self._binding.bind_ortvalue_output(f"{name}.out", buffer)
