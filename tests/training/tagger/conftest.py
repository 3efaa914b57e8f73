from pathlib import Path

import pytest

from tests.training.tagger.tiny import RECIPE, changed, data
from training.tagger.train import Start, train_tagger


@pytest.fixture(scope="session")
def run(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run."""
    out = tmp_path_factory.mktemp("run")
    train_tagger(Start(base), data(), out, RECIPE)
    return out


@pytest.fixture(scope="session")
def early_run(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run with a head after the first of two layers."""
    out = tmp_path_factory.mktemp("early")
    train_tagger(Start(run), data(), out, changed(early_layers=1))
    return out
