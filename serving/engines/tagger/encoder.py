"""The encoder of a tagger: an ONNX graph, or two, of which the second reads only where the first is not sure.

"DeeBERT: Dynamic Early Exiting for Accelerating BERT Inference", Xin et al., ACL 2020,
https://aclanthology.org/2020.acl-main.204.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from schemas.checkpoint.tagger_manifest import EXPORT, MODEL_FILE, REST_FILE
from schemas.errors import ModelError
from serving.engines.tagger.viterbi import Scores
from serving.engines.turns import Turns

Inputs = Mapping[str, npt.NDArray[np.generic]]

_SURE = 0.6
"""Probability of a window's least sure tag from which the first layers' answer stays."""


class Encoder:
    """Gives windows of tokens the scores of all tags; one instance serves any number of threads."""

    def __init__(self, folder: Path, threads: int, early: bool = False) -> None:
        """Load the graphs in `folder`, which compute on `threads` cores; with `early` the first of them alone.

        A run on several cores has them to itself, since two at once would take each other's: first come, first served.
        Raises ModelError where files are missing or do not belong together, and where there is no early head; and what
        ONNX Runtime raises for broken files.
        """
        self._first = _session(folder / MODEL_FILE, threads)
        heads = [output.name for output in self._first.get_outputs()]
        has_rest = len(heads) > 1
        if early and not has_rest:
            raise ModelError("it has no early head")
        _check_rest(folder / REST_FILE, has_rest)
        self._outputs = heads[:1] if early else heads
        self._rest = _session(folder / REST_FILE, threads) if has_rest and not early else None
        if self._rest is not None:
            _check_export(self._first, self._rest)
        self._turn = Turns() if threads > 1 else nullcontext()

    def logits(self, inputs: Inputs, bias: Scores) -> Scores:
        """Scores (windows, length, tags), before any softmax, of what `model_inputs` gives.

        `bias` (tags,) is what decoding adds to them: the first layers must be sure of what comes out of that. Each
        window has its own scores whatever the windows beside it.
        """
        scores: Scores
        with self._turn:
            scores, *between = self._first.run(self._outputs, dict(inputs))
        if self._rest is not None:
            mask = inputs["attention_mask"]
            unsure = ~_sure(scores + bias, mask.astype(bool))
            if unsure.any():
                rest: Any = {"between": between[0][unsure], "attention_mask": mask[unsure]}
                with self._turn:
                    scores[unsure] = self._rest.run(None, rest)[0]
        return scores


def _check_rest(rest: Path, is_asked: bool) -> None:
    """Raise ModelError where `rest` is missing, or stands beside a graph that goes without."""
    if is_asked and not rest.exists():
        raise ModelError(f"{rest.name} is missing")
    if not is_asked and rest.exists():
        raise ModelError(f"{rest.name} is of another tagger: {MODEL_FILE} has no early head")


def _check_export(*graphs: onnxruntime.InferenceSession) -> None:
    """Raise ModelError where the graphs do not say that they are parts of the same one."""
    digests = {graph.get_modelmeta().custom_metadata_map.get(EXPORT) for graph in graphs}
    if len(digests) > 1 or None in digests:
        raise ModelError(f"{MODEL_FILE} and {REST_FILE} are not of one export")


def _sure(scores: Scores, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which windows (windows,) have a probable tag at each token of theirs.

    The first and the last token that `mask` leaves in are special ones, and have no tag.
    """
    inner, read = scores[:, 1:-1], mask[:, 2:]
    others = np.exp(inner - inner.max(axis=-1, keepdims=True)).sum(axis=-1)
    least: Scores = np.where(read, 1.0 / others, 1.0).min(axis=-1, initial=1.0)
    return least >= _SURE


def _session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    _share_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.enable_mem_pattern = False  # plans a block for each shape of input, and keeps it
    options.add_session_config_entry("session.force_spinning_stop", "1")  # or its threads wait on the other's cores
    options.add_session_config_entry("session.use_env_allocators", "1")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


@cache
def _share_memory() -> None:
    """Let the graphs of this process work in one memory, which lives as long as the process."""
    kind = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    memory = onnxruntime.OrtMemoryInfo("Cpu", kind, 0, onnxruntime.OrtMemType.DEFAULT)
    onnxruntime.create_and_register_allocator(memory, onnxruntime.OrtArenaCfg({}))
