"""Which model a recipe trains, what it takes, and what is refused before any data is read."""

import shutil
from pathlib import Path

import pytest
import torch

from pii_sft.cli import main
from schemas.checkpoint.base import TINY, Base, load_weights, open_base
from schemas.errors import ModelError
from tests.training.llm.runs import recipe
from training.llm.batches import load_data
from training.llm.model import add_adapter, build_model, footprint
from training.llm.preview import preview
from training.llm.recipe import Adapter, load_recipe
from training.llm.run import train
from training.llm.trainer import token_losses


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("", "has no config.json"),
        ("none", "neither a folder, a GGUF file nor a hub id"),
        ("none.gguf", r"none\.gguf: no such file"),
    ],
)
def test_a_base_is_refused_before_data_is_read(tmp_path: Path, model: str, message: str) -> None:
    recipe = load_recipe("smoke", ["data=nowhere", f"base.model={tmp_path / model}"])
    with pytest.raises(ModelError, match=message):
        train(recipe, tmp_path / "out")
    assert not (tmp_path / "out").exists()


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


def test_full_fine_tuning_keeps_its_weights_in_float32() -> None:
    recipe = load_recipe("smoke", ["adapter=null", "base.dtype=bfloat16"])
    assert {weight.dtype for weight in build_model(open_base(recipe.base), recipe).parameters()} == {torch.float32}


@pytest.mark.skipif(not shutil.which("c++"), reason="torch.compile needs a C++ compiler on a CPU")
@pytest.mark.filterwarnings("ignore")  # torch's compiler imports and tries what warns
def test_compiled_layers_learn_the_same(data: Path) -> None:
    gradients = []
    for compiled in ("false", "true"):
        torch.manual_seed(1)
        one = recipe(data, f"optimisation.compile={compiled}")
        opened = open_base(one.base)
        model = build_model(opened, one)
        losses, _ = token_losses(model, load_data(one, opened).train[0])
        losses.sum().backward()
        gradients.append([weight.grad for weight in model.parameters() if weight.requires_grad])
    for plain, fast in zip(*gradients, strict=True):
        torch.testing.assert_close(plain, fast, atol=1e-3, rtol=1e-3)


def test_a_target_that_the_base_lacks_is_named() -> None:
    model = load_weights(open_base(Base(TINY)))
    with pytest.raises(ModelError, match="no layer wq"):
        add_adapter(model, Adapter(targets=("q_proj", "wq")))


@pytest.mark.parametrize("override", ["adapter.r=4", "adapter=null", "adapter.dora=true"])
def test_the_footprint_is_that_of_the_model(override: str) -> None:
    recipe = load_recipe("smoke", [override])
    opened = open_base(recipe.base)
    model = build_model(opened, recipe)
    needs = footprint(opened, recipe)
    assert needs.all == sum(parameter.numel() for parameter in model.parameters())
    assert needs.trained == sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    assert needs.frozen_bytes == 4 * (needs.all - needs.trained)
    assert needs.trained_bytes == 16 * needs.trained


def test_four_bits_shrink_the_linear_layers() -> None:
    recipe = load_recipe("smoke", ["base.dtype=bfloat16"])
    quantised = load_recipe("smoke", ["base.dtype=bfloat16", "base.quantization=nf4"])
    whole, small = (footprint(open_base(each.base), each) for each in (recipe, quantised))
    assert small.all == whole.all
    embeddings = 2 * 1200 * 64  # in and out, which are kept in four bytes
    linear = (whole.all - whole.trained) - embeddings
    assert 4 * embeddings < small.frozen_bytes < 4 * embeddings + linear


def test_a_dry_run_says_what_a_recipe_takes(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--recipe", "smoke", "--dry-run", f"data={data}"]) == 0
    out = capsys.readouterr().out
    assert [line.partition(":")[0] for line in out.splitlines()[:7]] == [
        "trained parameters",
        "file of the trained weights",
        "memory",
        "rows",
        "steps",
        "longest row",
        "time",
    ]
    assert out.count("<|im_start|>") == 3
    assert '{"entities":[{"type":"' in out.partition("The answer that is taught:")[2]


def test_a_dry_run_needs_no_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--recipe", "smoke", "--dry-run", f"data={tmp_path / 'none'}"]) == 0
    assert "none: no such folder" in capsys.readouterr().out.splitlines()[-1]


def test_a_preview_counts_what_the_run_will_see(data: Path) -> None:
    recipe = load_recipe("smoke", [f"data={data}"])
    opened = open_base(recipe.base)
    seen = preview(recipe, opened, 1.0)
    batches = load_data(recipe, opened).train
    tokens = [batches[number]["input_ids"].numel() for number in range(seen.steps)]
    assert seen.steps == recipe.optimisation.steps
    assert abs(seen.tokens - sum(tokens)) < 0.05 * sum(tokens)
    assert 0 < seen.taught < seen.tokens and seen.seconds > 0
