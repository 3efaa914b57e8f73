from importlib import resources
from pathlib import Path

import pytest

from schemas.errors import DataError
from training.llm.recipe import load_recipe

SHIPPED = sorted(
    file.name.removesuffix(".yaml")
    for file in (resources.files("training") / "recipes").iterdir()
    if file.name.endswith(".yaml")
)


def test_the_recipes_of_the_readme_are_shipped() -> None:
    assert set(SHIPPED) == {
        "qwen2-1.5b-lora",
        "qwen2-1.5b-qlora",
        "qwen2-1.5b-full-targets",
        "qwen2-1.5b-light",
        "qwen2-1.5b-full",
        "qwen2.5-coder-0.5b-lora",
        "smoke",
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_recipe_loads(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.batches.step_examples % recipe.batches.examples == 0
    assert recipe.base.model.startswith("Qwen/") == (recipe.base.revision is not None)


def test_overrides_change_single_keys(tmp_path: Path) -> None:
    recipe = load_recipe(
        "smoke", ["adapter.dora=true", "adapter.rslora=true", "optimisation.seed=3", f"data={tmp_path}"]
    )
    assert recipe.adapter is not None
    assert (recipe.adapter.dora, recipe.adapter.rslora, recipe.optimisation.seed) == (True, True, 3)
    assert recipe.data == tmp_path
    assert load_recipe("smoke", ["adapter=null"]).adapter is None


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("optimisation.learning_rate=fast", r"smoke: optimisation\.learning_rate"),
        ("optimizer=adam", "smoke: optimizer"),
        ("evaluation.every=7", "must be a multiple of save_every"),
        ("batches.step_examples=9", "must be a multiple of examples"),
        ("batches.overlap=900", "at most a quarter of segment"),
        ("adapter", "adapter: expected key=value"),
        ("base={model: x.gguf, quantization: nf4}", "a GGUF base is loaded unquantised"),
    ],
)
def test_faults_name_their_key(override: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_recipe("smoke", [override])


def test_a_quantised_base_is_not_trained_as_a_whole() -> None:
    with pytest.raises(DataError, match="full fine-tuning needs an unquantised base"):
        load_recipe("qwen2-1.5b-qlora", ["adapter=null"])


def test_a_missing_recipe_lists_the_shipped_ones() -> None:
    with pytest.raises(DataError, match=r"neither a shipped recipe \(.*smoke\) nor a readable file"):
        load_recipe("nothing.yaml")


def test_packed_rows_need_the_attention_that_takes_their_mask() -> None:
    with pytest.raises(DataError, match=r"batches\.packing needs base\.attention=sdpa"):
        load_recipe("smoke", ["base.attention=flash_attention_2"])
    assert not load_recipe("smoke", ["base.attention=flash_attention_2", "batches.packing=false"]).batches.packing
