"""A Qwen2 decoder as an ONNX graph with 4-bit or 8-bit weights, for ONNX Runtime on a CPU.

The graph begins after the embedding and ends before the output layer: both matrices stay outside, in 16 bits, since a
grammar asks for the logits of few tokens. Keys and values live in buffers that the caller owns, so that a prefix is
kept and tokens are taken back by counting alone.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from transformers import PreTrainedModel

from schemas.errors import ModelError
from serving.engines.llm.backends.quantise import BLOCK, quantise

GRAPH, SHAPE, EMBEDDING, OUTPUT = "decoder.onnx", "decoder.json", "embedding.npy", "output.npy"
_MICROSOFT = "com.microsoft"
_POSITIONS = 16_384
"""Most tokens of one sequence."""


def write_decoder(model: PreTrainedModel, folder: Path, bits: int) -> None:
    """Write the decoder of `model`, its layers in 4 or 8 `bits`, to `folder`, which is made.

    Raises ModelError for an architecture beside Qwen2.
    """
    config: Any = model.config
    if type(model).__name__ != "Qwen2ForCausalLM" or config.use_sliding_window:
        name = type(model).__name__
        raise ModelError(f"{name}: only Qwen2ForCausalLM runs under ONNX Runtime; use --runtime torch")
    if config.rope_parameters["rope_type"] != "default" or config.hidden_act != "silu":
        raise ModelError("the base scales its positions or has another activation; use --runtime torch")
    folder.mkdir()
    graph = _Graph(model, bits)
    graph.build()
    proto = graph.proto()
    onnx.save_model(proto, str(folder / GRAPH), save_as_external_data=True, location="decoder.bin", size_threshold=1024)
    embedding: Any = model.get_input_embeddings()
    output: Any = model.get_output_embeddings()
    np.save(folder / EMBEDDING, embedding.weight.detach().half().numpy())
    if output.weight is not embedding.weight:
        np.save(folder / OUTPUT, output.weight.detach().half().numpy())
    shape = {
        "bits": bits,
        "layers": config.num_hidden_layers,
        "heads": config.num_key_value_heads,
        "head_size": config.hidden_size // config.num_attention_heads,
        "positions": min(config.max_position_embeddings, _POSITIONS),
    }
    (folder / SHAPE).write_text(json.dumps(shape) + "\n", encoding="utf-8")


class _Graph:
    """Nodes and initialisers, gathered layer by layer."""

    def __init__(self, model: Any, bits: int) -> None:
        self._bits = bits
        self._config = model.config
        self._decoder = model.model
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs = [
            helper.make_tensor_value_info("hidden", TensorProto.FLOAT, [1, "tokens", model.config.hidden_size])
        ]
        self._outputs: list[onnx.ValueInfoProto] = []

    def build(self) -> None:
        """Add every layer."""
        config = self._config
        size = config.hidden_size // config.num_attention_heads
        for name, shape in (("last", [1]), ("total", [])):
            self._inputs.append(helper.make_tensor_value_info(name, TensorProto.INT32, shape))
        positions = torch.arange(min(config.max_position_embeddings, _POSITIONS)).float()
        frequencies = config.rope_parameters["rope_theta"] ** (-torch.arange(0, size, 2).float() / size)
        angles = torch.outer(positions, frequencies)
        self._constant("cos", angles.cos())
        self._constant("sin", angles.sin())
        residual, out = "hidden", ""
        for number, layer in enumerate(self._decoder.layers):
            name = f"layer{number}"
            normed, residual = self._norm(f"{name}.norm1", out, residual, layer.input_layernorm.weight)
            attended = self._attention(name, normed, layer.self_attn, size)
            normed, residual = self._norm(f"{name}.norm2", attended, residual, layer.post_attention_layernorm.weight)
            out = self._feed_forward(name, normed, layer.mlp)
        normed, _ = self._norm("norm", out, residual, self._decoder.norm.weight)
        self._node("Identity", [normed], ["states"])
        self._outputs.append(
            helper.make_tensor_value_info("states", TensorProto.FLOAT, [1, "tokens", config.hidden_size])
        )

    def proto(self) -> onnx.ModelProto:
        """The whole model."""
        graph = helper.make_graph(self._nodes, "decoder", self._inputs, self._outputs, self._constants)
        versions = [helper.make_opsetid("", 21), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=10)

    def _norm(self, name: str, added: str, residual: str, weight: torch.Tensor) -> tuple[str, str]:
        """The RMS norm of residual + added, and that sum."""
        gamma = self._constant(f"{name}.weight", weight)
        epsilon = self._config.rms_norm_eps
        if not added:
            self._node(
                "SimplifiedLayerNormalization", [residual, gamma], [name], "", axis=-1, epsilon=epsilon, stash_type=1
            )
            return name, residual
        outputs = [name, "", "", f"{name}.sum"]
        self._node("SkipSimplifiedLayerNormalization", [added, residual, gamma], outputs, _MICROSOFT, epsilon=epsilon)
        return name, f"{name}.sum"

    def _attention(self, name: str, normed: str, attention: Any, size: int) -> str:
        projections = (attention.q_proj, attention.k_proj, attention.v_proj)
        packed = self._matmul(f"{name}.qkv", normed, *projections)
        heads = self._config.num_key_value_heads
        inputs, outputs = [packed, "", ""], [f"{name}.attended"]
        for part in ("key", "value"):
            shape = [1, heads, "capacity", size]
            self._inputs.append(helper.make_tensor_value_info(f"{name}.{part}", TensorProto.FLOAT, shape))
            self._outputs.append(helper.make_tensor_value_info(f"{name}.{part}.out", TensorProto.FLOAT, shape))
            inputs.append(f"{name}.{part}")
            outputs.append(f"{name}.{part}.out")
        inputs += ["last", "total", "cos", "sin"]
        settings = {"num_heads": self._config.num_attention_heads, "kv_num_heads": heads, "do_rotary": 1}
        self._node("GroupQueryAttention", inputs, outputs, _MICROSOFT, **settings)
        return self._matmul(f"{name}.o", outputs[0], attention.o_proj)

    def _feed_forward(self, name: str, normed: str, mlp: Any) -> str:
        both = self._matmul(f"{name}.gate_up", normed, mlp.gate_proj, mlp.up_proj)
        gate, up, sigmoid, silu, product = (f"{name}.{part}" for part in ("gate", "up", "sigmoid", "silu", "product"))
        self._node("Split", [both], [gate, up], axis=-1, num_outputs=2)
        self._node("Sigmoid", [gate], [sigmoid])
        self._node("Mul", [gate, sigmoid], [silu])
        self._node("Mul", [silu, up], [product])
        return self._matmul(f"{name}.down", product, mlp.down_proj)

    def _matmul(self, name: str, x: str, *layers: Any) -> str:
        """`x` through linear layers side by side, as one product."""
        weight = torch.cat([layer.weight.detach() for layer in layers])
        parts = zip(("values", "scales", "zeros"), quantise(weight, self._bits), strict=True)
        inputs = [x, *(self._constant(f"{name}.{part}", array) for part, array in parts)]
        if layers[0].bias is not None:
            inputs += ["", self._constant(f"{name}.bias", torch.cat([layer.bias for layer in layers]))]
        settings = {
            "K": weight.shape[1],
            "N": weight.shape[0],
            "bits": self._bits,
            "block_size": BLOCK,
            "accuracy_level": 4,
        }
        self._node("MatMulNBits", inputs, [name], _MICROSOFT, **settings)
        return name

    def _constant(self, name: str, value: Any) -> str:
        array = value.detach().float().numpy() if isinstance(value, torch.Tensor) else value
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _node(self, kind: str, inputs: list[str], outputs: list[str], domain: str = "", **settings: Any) -> None:
        self._nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **settings))
