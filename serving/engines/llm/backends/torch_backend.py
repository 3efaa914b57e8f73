"""A causal language model of transformers as the decoding loop sees it: on a GPU or CPU, rows in batches."""

import copy
import inspect
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from transformers import DynamicCache, PreTrainedModel

from serving.engines.llm.backends.backend import Floats, OutOfMemoryError, Query

Using = Callable[[], AbstractContextManager[None]]
"""Gives a context within which the model answers with one adapter, or none."""

_QUERIES = 128
"""Positions whose logits are computed at a time."""

_PREFIXES = 8
"""Prefixes whose keys and values are kept."""


class TorchBackend:
    """A model of transformers, with or without an adapter; itself a `serving.engines.llm.backends.backend.Backend`."""

    def __init__(self, model: PreTrainedModel, rows: int = 8, using: Using = nullcontext) -> None:
        """Use `model`, which peft may have wrapped, `rows` rows at a time, and call it within contexts of `using`."""
        self.model: Any = model
        self.using = using
        wrapped = getattr(model, "get_base_model", None)
        causal: Any = wrapped() if wrapped else model
        self.decoder: Any = causal.model
        self.head: Any = causal.get_output_embeddings()
        names = inspect.signature(self.decoder.forward).parameters
        self.cache_name = "cache" if "cache" in names else "past_key_values"  # renamed in transformers 5.2x
        self.rows = rows
        self.prefixes: OrderedDict[tuple[int, ...], Any] = OrderedDict()

    @property
    def description(self) -> str:
        """What runs where, in a few words."""
        bits = "4-bit" if getattr(self.model, "is_loaded_in_4bit", False) else str(self.model.dtype).partition(".")[2]
        return f"{bits} weights under torch on {self.model.device}, {self.rows} texts at a time"

    @torch.inference_mode()
    def begin(self, prefix: Sequence[int], rows: int) -> "TorchRows":
        """Start `rows` rows after `prefix`; the keys and values of the last prefixes are kept."""
        key = tuple(prefix)
        if key not in self.prefixes:
            first_row = TorchRows(self, DynamicCache(), 0, 1)
            first_row.forward([prefix], [[]])
            self.prefixes[key] = first_row.cache
            if len(self.prefixes) > _PREFIXES:
                self.prefixes.popitem(last=False)
        self.prefixes.move_to_end(key)
        cache = copy.deepcopy(self.prefixes[key])
        cache.batch_repeat_interleave(rows)
        return TorchRows(self, cache, len(prefix), rows)


class TorchRows:
    """Rows in step. The cache only grows: what is taken back, and the padding, stay in it behind the attention mask."""

    def __init__(self, model: TorchBackend, cache: DynamicCache, length: int, rows: int) -> None:
        self._model = model
        self.cache: Any = cache
        device = model.model.device
        self._mask = torch.ones(rows, length, dtype=torch.long, device=device)
        self._lengths = torch.full((rows, 1), length, device=device)

    @torch.inference_mode()
    def forward(self, chunks: Sequence[Sequence[int]], queries: Sequence[Sequence[Query]]) -> list[list[Floats]]:
        """Continue the rows, as `serving.engines.llm.backends.backend.Rows` has it.

        Raises OutOfMemoryError when the device has too little memory for so many rows.
        """
        try:
            return self._forward(chunks, queries)
        except torch.OutOfMemoryError:
            free, total = (size / 2**30 for size in torch.cuda.mem_get_info())
            used = torch.cuda.max_memory_allocated() / 2**30
            sizes = f"more than the {used:.1f} GiB reached are needed; {free:.1f} of {total:.1f} GiB are free"
            raise OutOfMemoryError(
                f"the GPU has too little memory for {len(chunks)} texts at a time: {sizes}"
            ) from None

    def _forward(self, chunks: Sequence[Sequence[int]], queries: Sequence[Sequence[Query]]) -> list[list[Floats]]:
        device = self._mask.device
        width = max(map(len, chunks))
        ids = torch.tensor([[*chunk, *[0] * (width - len(chunk))] for chunk in chunks], device=device)
        columns = torch.arange(width, device=device)
        fed = torch.tensor([[len(chunk)] for chunk in chunks], device=device)
        self._mask = torch.cat([self._mask, (columns < fed).long()], 1)
        with self._model.using():
            states = self._model.decoder(
                input_ids=ids,
                attention_mask=self._mask,
                position_ids=self._lengths + columns,
                use_cache=True,
                **{self._model.cache_name: self.cache},
            ).last_hidden_state
            self._width = width
            return self._logits(states, queries)

    @torch.inference_mode()
    def keep(self, counts: Sequence[int]) -> None:
        """Take back, of each row's last chunk, all but the first `counts[row]` tokens."""
        kept = torch.tensor([[count] for count in counts], device=self._mask.device)
        self._mask[:, -self._width :] = (torch.arange(self._width, device=self._mask.device) < kept).long()
        self._lengths = self._lengths + kept

    @torch.inference_mode()
    def select(self, rows: Sequence[int]) -> None:
        """Go on with `rows` alone."""
        if rows:
            chosen = torch.tensor(rows, device=self._mask.device)
            self.cache.batch_select_indices(chosen)
            self._mask, self._lengths = self._mask[chosen], self._lengths[chosen]

    def _logits(self, states: torch.Tensor, queries: Sequence[Sequence[Query]]) -> list[list[Floats]]:
        flat = [(row, at, ids) for row, asked in enumerate(queries) for at, ids in asked]
        logits_of_queries: list[Floats] = []
        for start in range(0, len(flat), _QUERIES):
            part = flat[start : start + _QUERIES]
            index = torch.tensor([[row, at] for row, at, _ in part], device=states.device)
            logits = self._model.head(states[index[:, 0], index[:, 1]])
            wanted = [torch.arange(logits.shape[1]) if ids is None else torch.from_numpy(ids) for *_, ids in part]
            sizes = [len(ids) for ids in wanted]
            lines = torch.repeat_interleave(torch.arange(len(part)), torch.tensor(sizes))
            values = logits[lines.to(states.device), torch.cat(wanted).to(states.device)].float().cpu()
            logits_of_queries += [piece.numpy() for piece in values.split(sizes)]
        remaining = iter(logits_of_queries)
        return [[next(remaining) for _ in asked] for asked in queries]
