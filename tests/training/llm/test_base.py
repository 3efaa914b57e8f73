"""What is refused before any data is read, and what a base is loaded as."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel, GenerationConfig

from pii_sft.cli import main
from schemas.errors import ModelError
from training.llm.base import add_adapter, build_model, load_model, open_base
from training.llm.footprint import footprint
from training.llm.recipe import Adapter, Base, load_recipe
from training.llm.run import train


def refused(base: Base, message: str, tmp_path: Path) -> None:
    """`train` refuses `base` although its data does not exist either."""
    recipe = load_recipe("smoke", ["data=nowhere"]).model_copy(update={"base": base})
    with pytest.raises(ModelError, match=message):
        train(recipe, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_missing_places_are_named(tmp_path: Path) -> None:
    refused(Base(model=str(tmp_path)), "holds no config.json", tmp_path)
    refused(Base(model=str(tmp_path / "none")), "neither a folder, a GGUF file nor a hub id", tmp_path)
    refused(Base(model=str(tmp_path / "none.gguf")), r"none\.gguf: no such file", tmp_path)
    refused(Base(model="Qwen/Qwen2-1.5B"), "a hub id needs base.revision", tmp_path)


def test_an_encoder_is_refused(base: Path, tmp_path: Path) -> None:
    config = BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, vocab_size=64)
    BertModel(config).save_pretrained(tmp_path / "bert")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(base / name, tmp_path / "bert")
    refused(Base(model=str(tmp_path / "bert")), "BertModel is no decoder", tmp_path)


def test_wrong_tokenizers_are_refused(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "base"
    shutil.copytree(base, folder)
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    for token in tokenizer["added_tokens"]:
        token["content"] = token["content"].replace("im_end", "other")
    tokenizer["model"]["vocab"]["<|other|>"] = tokenizer["model"]["vocab"].pop("<|im_end|>")
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    config["eos_token"] = "<|other|>"
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    refused(Base(model=str(folder)), r"the tokenizer has no <\|im_end\|>", tmp_path)
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    refused(Base(model=str(folder)), "no loadable base", tmp_path)


def test_missing_weights_are_named(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "base")
    (tmp_path / "base" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="the weights cannot be loaded"):
        load_model(open_base(Base(model=str(tmp_path / "base"))), trained_whole=False)


def test_cut_off_weights_are_told(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "base")
    (tmp_path / "base" / "model.safetensors").write_bytes((base / "model.safetensors").read_bytes()[:1000])
    with pytest.raises(ModelError, match="the weights cannot be loaded"):
        load_model(open_base(Base(model=str(tmp_path / "base"))), trained_whole=False)


def test_a_repetition_penalty_of_the_base_does_not_count(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "base")
    GenerationConfig(repetition_penalty=1.5).save_pretrained(tmp_path / "base")
    model = load_model(open_base(Base(model=str(tmp_path / "base"))), trained_whole=False)
    assert model.generation_config is not None
    assert not model.generation_config.repetition_penalty or model.generation_config.repetition_penalty == 1.0


def test_the_tiny_base_is_the_same_every_time(tmp_path: Path) -> None:
    from training.llm.tiny import write_tiny_base

    for name in ("a", "b"):
        torch.manual_seed(len(list(tmp_path.iterdir())))
        write_tiny_base(tmp_path / name)
    for file in ("model.safetensors", "tokenizer.json", "config.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize(
    ("override", "kind"), [("adapter.dora=true", "dora"), ("adapter.rslora=true", "rslora"), ("adapter=null", "full")]
)
def test_other_ways_to_train(override: str, kind: str) -> None:
    recipe = load_recipe("smoke", [override])
    model = build_model(open_base(recipe.base), recipe)
    names = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    if kind == "full":
        assert len(names) == len(list(model.parameters()))
        assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    else:
        assert all("lora_" in name for name in names)
        assert any("magnitude" in name for name in names) == (kind == "dora")
        layer = next(module for module in model.modules() if isinstance(getattr(module, "scaling", None), dict))
        assert layer.scaling["default"] == pytest.approx(64 / 32**0.5 if kind == "rslora" else 2.0)


def test_a_target_that_the_base_lacks_is_named() -> None:
    model = load_model(open_base(Base(model="tiny-random-qwen2")), trained_whole=False)
    with pytest.raises(ModelError, match="no layer wq"):
        add_adapter(model, Adapter(targets=("q_proj", "wq")))


@pytest.mark.parametrize("override", ["adapter.r=4", "adapter=null", "adapter.dora=true"])
def test_the_footprint_is_that_of_the_model(override: str) -> None:
    recipe = load_recipe("smoke", [override])
    loaded = open_base(recipe.base)
    model = build_model(loaded, recipe)
    found = footprint(recipe, loaded)
    assert found.all == sum(parameter.numel() for parameter in model.parameters())
    assert found.trained == sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    assert found.frozen_bytes == 4 * (found.all - found.trained)
    assert found.trained_bytes == 16 * found.trained


def test_four_bits_shrink_the_linear_layers() -> None:
    recipe = load_recipe("smoke", ["base.dtype=bfloat16"])
    whole = footprint(recipe, open_base(recipe.base))
    base = recipe.base.model_copy(update={"quantization": "nf4"})
    small = footprint(recipe.model_copy(update={"base": base}), open_base(base))
    assert small.all == whole.all
    embeddings = 2 * 1200 * 64  # in and out, which are kept in four bytes
    linear = (whole.all - whole.trained) - embeddings
    assert 4 * embeddings < small.frozen_bytes < 4 * embeddings + linear


def test_a_dry_run_says_what_a_recipe_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--recipe", "smoke", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("trained parameters: ") and lines[2].startswith("memory: ")
