"""Recipes: what ships loads, and what is wrong is named."""

from pathlib import Path

import pytest

from data_builders.dataset.recipe import Recipe, load_recipe
from data_builders.sources.msra.source import Msra
from schemas.errors import DataError


@pytest.mark.parametrize("name", ["default", "full"])
def test_shipped_recipes_load(name: str) -> None:
    assert sum(load_recipe(name).counts().values()) > 0


def test_the_default_is_the_standard_mix() -> None:
    recipe = load_recipe("default")
    assert recipe.counts() == {"msra": 15_000, "ai4privacy": 15_000, "synthetic": 20_000}
    assert not recipe.sources["general"].enabled


def test_the_full_recipe_has_a_tenth_of_general_text() -> None:
    recipe = load_recipe("full", ["sources.general.path=turns.jsonl"])
    assert recipe.counts() == {"msra": 15_000, "ai4privacy": 60_000, "synthetic": 30_000}
    assert recipe.sources["general"].count == sum(count or 0 for count in recipe.counts().values()) // 10


def test_overrides_change_single_keys() -> None:
    overrides = ["size=3000", "seed=7", "sources.msra.path=some/where", "sources.ai4privacy.enabled=false"]
    recipe = load_recipe("default", overrides)
    assert (recipe.size, recipe.seed) == (3000, 7)
    assert recipe.sources["msra"] == Msra(share=30, path=Path("some/where"))
    assert recipe.counts() == {"msra": 1286, "synthetic": 1714}
    assert recipe.validation == load_recipe("default").validation


def test_a_file_is_a_recipe_too(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("sources: {synthetic: {count: 5}}\n")
    assert load_recipe(str(file)) == Recipe.model_validate({"sources": {"synthetic": {"count": 5}}})
    assert load_recipe(str(file)).counts() == {"synthetic": 5}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["sise=3"], "sise: Extra inputs are not permitted"),
        (["sources.msra.pth=x"], r"sources\.msra\.pth: Extra inputs"),
        (["size=many"], "size: Input should be a valid integer"),
        (["size=null"], "a share needs the size"),
        (["seed=true"], "seed: Input should be a valid integer"),
        (["similarity=0.5"], "similarity: Input should be greater than or equal to 0.8"),
        (["sources.msra.share=.inf"], r"sources\.msra\.share: Input should be a finite number"),
        (["test=0.6", "validation=0.5"], "leave nothing to train on"),
        (["sources.synthetic.count=5"], r"sources\.synthetic: .*either share or count"),
        (["sources.general.share=1", "sources.general.enabled=true"], r"sources\.general: "),
        ([f"sources.{name}.enabled=false" for name in ("msra", "ai4privacy", "synthetic")], "no source is enabled"),
        (["size"], "size: expected key=value"),
        (["size=[1"], "not valid YAML"),
        (["seed=2024-02-30"], "seed=2024-02-30: the value is not valid YAML"),
        (["seed.deep=1"], "seed has no keys"),
    ],
)
def test_what_is_wrong_is_named(overrides: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_recipe("default", overrides)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [", "not valid YAML"),
        ("seed: 2024-02-30", "not valid YAML"),
        ("- 1\n", "must map keys to values"),
        ("size: 5\n", "sources: Field required"),
    ],
)
def test_broken_files_are_errors(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(content)
    with pytest.raises(DataError, match=rf"mine\.yaml: .*{message}"):
        load_recipe(str(file))


def test_a_size_without_shares_is_an_error() -> None:
    with pytest.raises(DataError, match="size divides among sources with a share"):
        load_recipe("full", ["size=3000"])


def test_a_missing_file_is_an_error() -> None:
    with pytest.raises(DataError, match=r"none\.yaml: neither a shipped recipe \(default, full, tagger\)"):
        load_recipe("none.yaml")
