"""int8 arithmetic with scales that never depend on the input, so that a window's result is its own in any batch.

Weights get a scale per output, activations one per matrix, from the largest values that sample texts give. Encoders
have a few channels that are many times larger than all others ("massive activations",
https://arxiv.org/abs/2402.17762); these stay in float beside, as in LLM.int8() (https://arxiv.org/abs/2208.07339), but
the same ones for every text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import helper, numpy_helper

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float32]

INTEGERS, SCALES, CHANNELS, LARGE = "/integers", "/scales", "/channels", "/large"
"""What follows the name of a weight in the names of its parts."""

_KEPT = 8
"""Most channels of an activation that stay in float."""
_LARGE = 1.5
"""How many times the largest of all others a channel must be for that."""
_LEVELS = 127
_FEWEST_ROWS = 1_000
"""Tables with fewer rows stay in float."""
_SMALLEST = 64
"""Matrices with fewer inputs stay in float."""


@dataclass(frozen=True, slots=True)
class _Range:
    """The least and the largest value of each channel of an activation."""

    low: Floats
    high: Floats

    @property
    def large(self) -> npt.NDArray[np.int64]:
        """The channels that stay in float, ascending; maybe none."""
        size = np.maximum(-self.low, self.high)
        order = np.argsort(-size)
        return np.sort(order[:_KEPT][size[order[:_KEPT]] > _LARGE * size[order[_KEPT]]])

    def scale(self, without: npt.NDArray[np.int64]) -> tuple[np.float32, np.uint8]:
        """Scale and zero point of the other channels in 8 bits."""
        low = min(float(np.delete(self.low, without).min()), 0.0)
        high = max(float(np.delete(self.high, without).max()), 0.0)
        scale = np.float32((high - low) / 255 or 1.0)
        return scale, np.uint8(np.clip(round(-low / float(scale)), 0, 255))


def quantise(path: Path, samples: Iterable[Mapping[str, Array]], keep: Sequence[str] = ()) -> onnx.ModelProto:
    """The float model in `path` with its large matrices and tables in int8, but for those of the names `keep`.

    `samples` are inputs of the model, which give the ranges of the activations.
    """
    model = onnx.load(path)
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    chosen = [node for node in model.graph.node if _is_chosen(node, weights) and not set(keep) & set(node.input)]
    ranges = _ranges(path, {node.input[0] for node in chosen if node.op_type == "MatMul"}, samples)
    graph = _Graph(model.graph, weights)
    for node in chosen:
        if node.op_type == "Gather":
            graph.replace_table(node)
        else:
            graph.replace_product(node, ranges[node.input[0]])
    graph.finish()
    return model


def _is_chosen(node: onnx.NodeProto, weights: Mapping[str, Array]) -> bool:
    if node.op_type == "Gather":
        return (
            node.input[0] in weights
            and weights[node.input[0]].ndim == 2
            and len(weights[node.input[0]]) >= _FEWEST_ROWS
        )
    return node.op_type == "MatMul" and node.input[1] in weights and len(weights[node.input[1]]) >= _SMALLEST


def _ranges(path: Path, names: Iterable[str], samples: Iterable[Mapping[str, Array]]) -> dict[str, _Range]:
    """Run the float model with the activations `names` as outputs."""
    model, names = onnx.load(path), sorted(names)
    model.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    ranges: dict[str, _Range] = {}
    for sample in samples:
        for name, values in zip(names, session.run(names, dict(sample)), strict=True):
            rows = values.reshape(-1, values.shape[-1])
            low, high = rows.min(axis=0), rows.max(axis=0)
            before = ranges.get(name, _Range(low, high))
            ranges[name] = _Range(np.minimum(low, before.low), np.maximum(high, before.high))
    return ranges


class _Graph:
    """A graph whose nodes are replaced one by one."""

    def __init__(self, graph: onnx.GraphProto, weights: Mapping[str, Array]) -> None:
        self._graph, self._weights = graph, weights
        self._instead: dict[str, list[onnx.NodeProto]] = {}

    def replace_product(self, node: onnx.NodeProto, span: _Range) -> None:
        """`x @ w` becomes the product of what is quantised, plus that of the large channels in float."""
        (source, name), output = node.input, node.output[0]
        weight, large = np.array(self._weights[name], np.float32), span.large
        rest = weight.copy()
        rest[large] = 0.0
        integers, scales = _rows_of(rest.T)
        self._add(name, INTEGERS, integers.T)
        self._add(name, SCALES, scales)
        new = self._quantised(source, span, large)
        new.append(helper.make_node("DequantizeLinear", [name + INTEGERS, name + SCALES], [name + "/float"], axis=1))
        product = [source + "/8bit/float", name + "/float"]
        if not len(large):
            new.append(helper.make_node("MatMul", product, [output]))
        else:
            self._add(name, CHANNELS, large)
            self._add(name, LARGE, weight[large])
            new += [
                helper.make_node("MatMul", product, [output + "/rest"]),
                helper.make_node("Gather", [source, name + CHANNELS], [output + "/channels"], axis=-1),
                helper.make_node("MatMul", [output + "/channels", name + LARGE], [output + "/large"]),
                helper.make_node("Add", [output + "/rest", output + "/large"], [output]),
            ]
        self._instead[output] = new

    def replace_table(self, node: onnx.NodeProto) -> None:
        """Rows of floats become rows of integers with a scale each."""
        (name, ids), output = node.input, node.output[0]
        integers, scales = _rows_of(np.array(self._weights[name], np.float32))
        self._add(name, INTEGERS, integers)
        self._add(name, SCALES, scales[:, None])
        self._instead[output] = [
            helper.make_node("Gather", [name + INTEGERS, ids], [output + "/integers"]),
            helper.make_node("Gather", [name + SCALES, ids], [output + "/scales"]),
            helper.make_node("Cast", [output + "/integers"], [output + "/floats"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Mul", [output + "/floats", output + "/scales"], [output]),
        ]

    def finish(self) -> None:
        """Put the new nodes in their places, and leave out the weights that nothing reads any more."""
        nodes = [new for node in self._graph.node for new in self._instead.get(node.output[0], [node])]
        used = {name for node in nodes for name in node.input}
        kept = [tensor for tensor in self._graph.initializer if tensor.name in used]
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(nodes)
        self._graph.initializer.extend(kept)

    def _quantised(self, source: str, span: _Range, large: npt.NDArray[np.int64]) -> list[onnx.NodeProto]:
        """Nodes that quantise `source`; none when another product of it has them already."""
        name = source + "/8bit"
        if any(node.output[0] == name for nodes in self._instead.values() for node in nodes):
            return []
        scale, zero = span.scale(large)
        self._add(name, "/scale", np.array(scale))
        self._add(name, "/zero", np.array(zero))
        return [
            helper.make_node("QuantizeLinear", [source, name + "/scale", name + "/zero"], [name]),
            helper.make_node("DequantizeLinear", [name, name + "/scale", name + "/zero"], [name + "/float"]),
        ]

    def _add(self, name: str, part: str, values: Array) -> None:
        self._graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), name + part))


def dequantise(graph: onnx.GraphProto) -> dict[str, Floats]:
    """The weights of a graph that `quantise` made, in float, by the names that they had before."""
    parts: dict[str, dict[str, Array]] = {}
    for tensor in graph.initializer:
        name, slash, part = tensor.name.partition("/")
        parts.setdefault(name, {})[slash + part] = numpy_helper.to_array(tensor)
    return {name: _float(each) for name, each in parts.items() if "" in each or INTEGERS in each}


def _float(parts: Mapping[str, Array]) -> Floats:
    if "" in parts:
        return np.array(parts[""], np.float32)
    values: Floats = np.array(parts[INTEGERS], np.float32) * np.array(parts[SCALES], np.float32)
    if CHANNELS in parts:
        values[parts[CHANNELS]] = parts[LARGE]
    return values


def _rows_of(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Integers and a scale for each row."""
    scales = np.abs(matrix).max(axis=1) / _LEVELS
    scales[scales == 0] = 1.0
    return np.round(matrix / scales[:, None]).astype(np.int8), scales.astype(np.float32)
