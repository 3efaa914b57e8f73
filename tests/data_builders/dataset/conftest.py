import json
from pathlib import Path

import pytest

from data_builders.dataset.build import build_dataset
from data_builders.dataset.built import Built
from tests.data_builders.dataset.sources import recipe, write_msra
from tests.data_builders.sources.openpii import write_openpii


@pytest.fixture(scope="package")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    write_msra(folder / "msra")
    write_openpii(folder / "openpii.jsonl", 800, 1)
    turns = [{"id": f"talk-{number // 4}-{number % 4}", "text": f"第{number}句"} for number in range(40)]
    (folder / "turns.jsonl").write_text("".join(json.dumps(turn) + "\n" for turn in turns))
    return folder


@pytest.fixture(scope="package")
def dataset(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Built]:
    out = tmp_path_factory.mktemp("out") / "dataset"
    return out, build_dataset(recipe(sources), out)
