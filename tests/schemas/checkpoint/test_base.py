"""What is refused as a base, and what a base is loaded as."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel, GenerationConfig

from schemas.checkpoint.base import TINY, Base, load_weights, open_base
from schemas.checkpoint.tiny import tiny_base
from schemas.errors import ModelError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tiny base, to be damaged."""
    shutil.copytree(tiny_base(), tmp_path / "base")
    return tmp_path / "base"


def refused(model: Path, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        open_base(Base(str(model)))


def test_missing_places_are_named(tmp_path: Path) -> None:
    refused(tmp_path, "has no config.json")
    refused(tmp_path / "none", "neither a folder, a GGUF file nor a hub id")
    refused(tmp_path / "none.gguf", r"none\.gguf: no such file")
    with pytest.raises(ModelError, match=r"a hub id needs base\.revision"):
        open_base(Base("Qwen/Qwen2-1.5B"))


def test_an_encoder_is_refused(folder: Path, tmp_path: Path) -> None:
    config = BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, vocab_size=64)
    BertModel(config).save_pretrained(tmp_path / "bert")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(folder / name, tmp_path / "bert")
    refused(tmp_path / "bert", "BertModel is not a causal language model")


def test_wrong_tokenizers_are_refused(folder: Path) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    for token in tokenizer["added_tokens"]:
        token["content"] = token["content"].replace("im_end", "other")
    tokenizer["model"]["vocab"]["<|other|>"] = tokenizer["model"]["vocab"].pop("<|im_end|>")
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    config["eos_token"] = "<|other|>"
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    refused(folder, r"the tokenizer has no <\|im_end\|>")
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    refused(folder, "no loadable base")


def test_missing_weights_are_named(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="the weights cannot be loaded"):
        load_weights(open_base(Base(str(folder))))


def test_cut_off_weights_are_named(folder: Path) -> None:
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:1000])
    with pytest.raises(ModelError, match="the weights cannot be loaded"):
        load_weights(open_base(Base(str(folder))))


def test_a_repetition_penalty_of_the_base_does_not_count(folder: Path) -> None:
    GenerationConfig(repetition_penalty=1.5).save_pretrained(folder)
    model = load_weights(open_base(Base(str(folder))))
    assert model.generation_config is not None
    assert not model.generation_config.repetition_penalty or model.generation_config.repetition_penalty == 1.0


def test_weights_have_the_type_that_is_asked_for() -> None:
    opened = open_base(Base(TINY))
    assert load_weights(opened).dtype == torch.bfloat16
    assert load_weights(opened.with_dtype("float32")).dtype == torch.float32
