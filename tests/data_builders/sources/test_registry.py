"""What holds of every registered source."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from data_builders.dataset.build import build_dataset
from data_builders.dataset.recipe import Recipe
from data_builders.sources.registry import SOURCES, convertible, traits_of
from data_builders.sources.source import ExampleSource, PairSource, Traits
from data_builders.splits import Split
from pii_sft.cli import main
from schemas.spans.record import read_records
from tests.data_builders.sources.uner_files import SENTENCES
from tests.data_builders.sources.uner_files import write as write_uner


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_a_key_of_a_recipe(name: str) -> None:
    kind = SOURCES[name]
    size = {} if kind.traits.whole else {"count": 3}
    recipe = Recipe.model_validate({"sources": {"synthetic": {"count": 1}, name: size}})
    assert isinstance(recipe.sources[name], kind)
    assert issubclass(kind, ExampleSource) != issubclass(kind, PairSource)
    assert name in recipe.example_sources or name in recipe.pair_sources
    if issubclass(kind, ExampleSource):
        assert kind(enabled=False).licence
        assert recipe.counts()[name] == (None if kind.traits.whole else 3)


@pytest.mark.parametrize("size", [{"count": 3}, {"share": 3}])
def test_a_source_that_is_used_whole_takes_no_size(size: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="neither share nor count"):
        Recipe.model_validate({"size": 10, "sources": {"uner": size}})


def test_an_unknown_source_has_no_traits() -> None:
    assert traits_of("somebody's") == Traits()


def test_a_whole_source_is_built_with_its_own_splits(tmp_path: Path) -> None:
    signs = [chr(0x4E00 + 97 * number) + chr(0x5000 + 89 * number) for number in range(9)]
    numbered = [SENTENCES[1].replace("千禧", f"千禧{sign}") for sign in signs]
    write_uner(tmp_path / "train.iob2", *numbered)
    write_uner(tmp_path / "dev.iob2", SENTENCES[0])
    recipe = Recipe.model_validate({"similarity": 1.0, "sources": {"uner": {"path": tmp_path}}})
    built = build_dataset(recipe, tmp_path / "out")
    assert {split: len(rows) for split, rows in built.rows.items()} == {
        Split.TRAIN: 9,
        Split.VALIDATION: 1,
        Split.TEST: 0,
    }
    assert built.shortfalls == []
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "| uner | 9 | 1 | 0 | all |" in card
    assert "CC BY-SA 4.0" in card


def test_sources_that_are_commands_convert_to_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert set(convertible()) == {"msra", "uner", "written", "own"}
    write_uner(tmp_path / "a.iob2", *SENTENCES)
    assert main(["data", "uner", str(tmp_path / "a.iob2"), str(tmp_path / "out.jsonl")]) == 0
    assert [row.family for row in read_records(tmp_path / "out.jsonl")] == ["wikipedia"] * 2
    (tmp_path / "a.txt").write_text("=== x\n⟦LOYALTY|A1⟧\n", encoding="utf-8")
    assert main(["data", "written", str(tmp_path / "a.txt"), str(tmp_path / "out.jsonl")]) == 0
    assert "LOYALTY" in capsys.readouterr().err
