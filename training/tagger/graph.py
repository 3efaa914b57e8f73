"""A tagger as a graph of ONNX Runtime's operators, written out layer by layer.

A graph that is traced has a hundred nodes a layer, which add, turn and copy what the operators of ONNX Runtime for
attention, for the sum of two layers and for their activation do in one pass each
(https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
"""

from typing import Any

import numpy as np
import onnx
import onnx.utils
from onnx import TensorProto, helper, numpy_helper
from transformers import PreTrainedModel

from schemas.tagger.lexicon import FEATURES
from training.tagger.model import EARLY, WORDS, early_layers

MODEL = "model."
"""How the names of the weights begin in the graph."""
MATRIX = "@"
"""How the names of matrices end there that are transposed."""
_LOGITS, _BETWEEN = "logits", "between"
_DOMAIN = "com.microsoft"
_OPSET = 17


def encoder_graph(model: PreTrainedModel) -> onnx.ModelProto:
    """The graph of `model` in float, with the weights by their names.

    It takes what `schemas.tagger.model_input.model_inputs` gives, and returns `logits` (batch, length, tags), and
    `early` of the same shape where the model has an early head. Tokens that the mask leaves out get no attention.
    """
    config: Any = model.config
    nodes = _Nodes({name: weights.detach().float().numpy() for name, weights in model.state_dict().items()})
    early = early_layers(model)
    heads, epsilon = int(config.num_attention_heads), float(config.layer_norm_eps)
    mask = nodes.add("Cast", ["attention_mask"], to=TensorProto.INT32)
    hidden = nodes.embedded("bert.embeddings", epsilon)
    for number in range(int(config.num_hidden_layers)):
        if number == early:
            hidden = nodes.add("Identity", [hidden], output=_BETWEEN)
            nodes.add("Add", [nodes.product(EARLY, hidden), nodes.weight(f"{EARLY}.bias")], output=EARLY)
        hidden = nodes.layer(f"bert.encoder.layer.{number}", hidden, mask, heads, epsilon)
    scores = nodes.product("classifier", hidden)
    nodes.add("Add", [scores, nodes.weight("classifier.bias")], output=_LOGITS)
    shapes: dict[str, list[str | int]] = {"input_ids": ["batch", "length"], "words": ["batch", "length", FEATURES]}
    shapes["attention_mask"] = shapes["input_ids"]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT if name == "words" else TensorProto.INT64, shape)
        for name, shape in shapes.items()
    ]
    tags = ["batch", "length", config.num_labels]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, tags) for name in _heads(early)]
    graph = helper.make_graph(nodes.nodes, "tagger", inputs, outputs, nodes.initializers)
    if early is not None:
        hidden_shape = ["batch", "length", config.hidden_size]
        graph.value_info.append(helper.make_tensor_value_info(_BETWEEN, TensorProto.FLOAT, hidden_shape))
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_DOMAIN, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def parts(model: onnx.ModelProto) -> list[onnx.ModelProto]:
    """The graph up to its early head, which gives the states that the rest starts from as well, and the rest.

    Without such a head: the whole graph.
    """
    if EARLY not in {output.name for output in model.graph.output}:
        return [model]
    extractor = onnx.utils.Extractor(model)
    names = [each.name for each in model.graph.input]
    first = extractor.extract_model(names, [EARLY, _BETWEEN])
    return [first, extractor.extract_model([_BETWEEN, "attention_mask"], [_LOGITS])]


def _heads(early: int | None) -> list[str]:
    return [_LOGITS] if early is None else [_LOGITS, EARLY]


class _Nodes:
    """Nodes in the order in which they run, and the weights that they read."""

    def __init__(self, weights: dict[str, np.ndarray[Any, Any]]) -> None:
        self._weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def add(self, operator: str, inputs: list[str], domain: str = "", output: str = "", **attributes: Any) -> str:
        """Add a node with one output, and return its name."""
        output = output or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def constant(self, name: str, values: np.ndarray[Any, Any]) -> str:
        """Store `values` under `name`, and return it."""
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def weight(self, name: str) -> str:
        """The weights called `name` in the model."""
        return self.constant(MODEL + name, self._weights[name])

    def product(self, module: str, source: str) -> str:
        """`source` times the matrix of a linear layer, without its bias."""
        matrix = self.constant(f"{MODEL}{module}.weight{MATRIX}", self._weights[f"{module}.weight"].T)
        return self.add("MatMul", [source, matrix])

    def embedded(self, module: str, epsilon: float) -> str:
        """Tokens, words of the lexicon, places and the one segment, added and normalised."""
        tokens = self.add("Gather", [self.weight(f"{module}.word_embeddings.weight"), "input_ids"])
        tokens = self.add("Add", [tokens, self.product(WORDS, "words")])
        first, last = self.constant("zero", np.array([0])), self.constant("one", np.array([1]))
        length = self.add("Slice", [self.add("Shape", ["input_ids"]), last, self.constant("two", np.array([2])), first])
        places = self.add("Slice", [self.weight(f"{module}.position_embeddings.weight"), first, length, first])
        segment = self.add("Slice", [self.weight(f"{module}.token_type_embeddings.weight"), first, last, first])
        summed = self.add("Add", [tokens, self.add("Add", [places, segment])])
        norm = [self.weight(f"{module}.LayerNorm.weight"), self.weight(f"{module}.LayerNorm.bias")]
        return self.add("LayerNormalization", [summed, *norm], axis=-1, epsilon=epsilon)

    def layer(self, module: str, hidden: str, mask: str, heads: int, epsilon: float) -> str:
        """One layer: attention over the tokens of `mask`, and what follows it."""
        own = [f"{module}.attention.self.{part}" for part in ("query", "key", "value")]
        products = [self.product(part, hidden) for part in own]
        biases = self.add("Concat", [self.weight(f"{part}.bias") for part in own], axis=0)
        read = self.add("MultiHeadAttention", [*products, biases, mask], _DOMAIN, num_heads=heads)
        hidden = self._added(f"{module}.attention.output", read, hidden, epsilon)
        inner = [self.product(f"{module}.intermediate.dense", hidden), self.weight(f"{module}.intermediate.dense.bias")]
        return self._added(f"{module}.output", self.add("BiasGelu", inner, _DOMAIN), hidden, epsilon)

    def _added(self, module: str, source: str, hidden: str, epsilon: float) -> str:
        """`source` through the linear layer of `module`, added to `hidden` and normalised."""
        norm = [self.weight(f"{module}.LayerNorm.weight"), self.weight(f"{module}.LayerNorm.bias")]
        inputs = [self.product(f"{module}.dense", source), hidden, *norm, self.weight(f"{module}.dense.bias")]
        return self.add("SkipLayerNormalization", inputs, _DOMAIN, epsilon=epsilon)
