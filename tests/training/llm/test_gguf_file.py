"""A GGUF file holds every tensor of the model, and its Modelfile asks the contract's question."""

from pathlib import Path

import gguf
import pytest
import torch
from transformers import AutoModelForCausalLM

from schemas.errors import ModelError
from training.llm.gguf_file import write_gguf


@pytest.mark.parametrize(("kind", "error"), [("f16", 1e-3), ("bf16", 1e-2), ("q8_0", 2e-2)])
def test_gguf_files_hold_every_tensor(merged: Path, kind: str, error: float) -> None:
    reader = gguf.GGUFReader(write_gguf(merged, kind))
    state = AutoModelForCausalLM.from_pretrained(merged).state_dict()
    assert len(reader.tensors) == len(state)
    stored = {
        tensor.name: torch.from_numpy(gguf.quants.dequantize(tensor.data, tensor.tensor_type).copy())
        for tensor in reader.tensors
    }
    for ours, theirs in (
        ("model.embed_tokens.weight", "token_embd.weight"),
        ("model.layers.1.mlp.down_proj.weight", "blk.1.ffn_down.weight"),
    ):
        largest = state[ours].abs().max()
        assert (stored[theirs] - state[ours]).abs().max() < error * largest


def test_the_modelfile_asks_the_contract_s_question(merged: Path) -> None:
    text = (merged / "Modelfile").read_text(encoding="utf-8")
    assert text.startswith("FROM ./model-") and "PERSON_NAME（姓名）" in text
    assert "<|im_start|>user\n{{ .Prompt }}<|im_end|>\n<|im_start|>assistant\n" in text


def test_an_unknown_type_is_refused(merged: Path) -> None:
    with pytest.raises(ModelError, match="int4: not one of"):
        write_gguf(merged, "int4")
