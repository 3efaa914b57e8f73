"""A model of the Qwen2 or Qwen3 family as a GGUF file for llama.cpp and Ollama, written with llama.cpp's own `gguf`."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from schemas.errors import ModelError
from schemas.llm.prompt import IM_END, IM_START, instruction
from schemas.taxonomy import DEFAULT_TYPES

FILE_TYPES = {
    "f32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
    "f16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "bf16": (gguf.GGMLQuantizationType.BF16, gguf.LlamaFileType.MOSTLY_BF16),
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
}
"""Types of the matrices; vectors stay in float32."""

_ARCHITECTURES = {"qwen2": gguf.MODEL_ARCH.QWEN2, "qwen3": gguf.MODEL_ARCH.QWEN3}


def write_gguf(folder: Path, kind: str = "f16") -> Path:
    """Write the model in `folder` as `model-KIND.gguf` beside it, and a Modelfile for Ollama; return the file.

    `kind` is a key of FILE_TYPES. Raises ModelError for a model of another family or another kind.
    """
    if kind not in FILE_TYPES:
        raise ModelError(f"{kind}: not one of {', '.join(FILE_TYPES)}")
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    architecture = _ARCHITECTURES.get(config.model_type)
    if architecture is None:
        raise ModelError(f"{folder}: {config.model_type} is not one of {', '.join(_ARCHITECTURES)}")
    path = folder / f"model-{kind}.gguf"
    partial = path.with_suffix(".partial")
    writer = gguf.GGUFWriter(partial, gguf.MODEL_ARCH_NAMES[architecture])
    _add_configuration(writer, config, kind)
    _add_tokenizer(writer, folder, config.vocab_size)
    _add_tensors(writer, folder, architecture, config, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.replace(path)
    (folder / "Modelfile").write_text(_modelfile(path.name), encoding="utf-8")
    return path


def _add_configuration(writer: gguf.GGUFWriter, config: Any, kind: str) -> None:
    writer.add_name("pii-sft")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    if config.model_type == "qwen3":
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    writer.add_file_type(FILE_TYPES[kind][1])


def _add_tokenizer(writer: gguf.GGUFWriter, folder: Path, size: int) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    special = set(tokenizer.all_special_ids) | set(tokenizer.added_tokens_decoder)
    names = {number: token for token, number in tokenizer.get_vocab().items()}
    kinds = [
        gguf.TokenType.UNUSED
        if number not in names
        else gguf.TokenType.CONTROL
        if number in special
        else gguf.TokenType.NORMAL
        for number in range(size)
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([names.get(number, f"[PAD{number}]") for number in range(size)])
    writer.add_token_types(kinds)
    merges = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["merges"]
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    end = tokenizer.get_vocab()[IM_END]
    writer.add_eos_token_id(end)
    writer.add_pad_token_id(end)
    writer.add_add_bos_token(False)


def _add_tensors(writer: gguf.GGUFWriter, folder: Path, architecture: gguf.MODEL_ARCH, config: Any, kind: str) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    names = gguf.get_tensor_name_map(architecture, config.num_hidden_layers)
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        gguf_name = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if gguf_name is None:
            raise ModelError(f"{folder}: GGUF has no name for {name}")
        array = tensor.numpy()
        stored = FILE_TYPES[kind][0] if array.ndim > 1 else gguf.GGMLQuantizationType.F32
        writer.add_tensor(gguf_name, gguf.quants.quantize(np.ascontiguousarray(array), stored), raw_dtype=stored)


def _modelfile(name: str) -> str:
    """Ollama's description of the model, with the question about the default types as its system prompt."""
    return (
        f"FROM ./{name}\n"
        f'TEMPLATE """{{{{ if .System }}}}{IM_START}system\n{{{{ .System }}}}{IM_END}\n{{{{ end }}}}'
        f"{IM_START}user\n{{{{ .Prompt }}}}{IM_END}\n{IM_START}assistant\n"
        f'"""\nSYSTEM """{instruction(DEFAULT_TYPES)}"""\nPARAMETER temperature 0\nPARAMETER stop {IM_END}\n'
    )
