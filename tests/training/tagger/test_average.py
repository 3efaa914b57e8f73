"""The mean of several taggers."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from pii_sft.cli import main
from schemas.errors import ModelError
from tests.training.tagger.tiny import TEXTS, changed, data
from training.tagger.average import average_taggers
from training.tagger.export import export_tagger
from training.tagger.train import Start, train_tagger


def test_the_mean_of_two_runs_is_a_run_that_can_be_exported(
    base: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, out = tmp_path / "other", tmp_path / "out"
    train_tagger(Start(run), data(), other, changed(steps=5, save_steps=5, seed=8))
    assert main(["tagger", "average", str(run), str(other), "--out", str(out)]) == 0
    assert capsys.readouterr().out.endswith(f"{out}: the mean of 2 taggers\n")
    first, second, mean = (load_file(folder / "model.safetensors") for folder in (run, other, out))
    assert any(not torch.equal(first[name], second[name]) for name in mean)
    for name, weights in mean.items():
        assert torch.equal(weights, ((first[name].float() + second[name].float()) / 2).half())
    (tmp_path / "int8").mkdir()
    export_tagger(out, tmp_path / "int8", TEXTS * 10, minimum=0.5)


def test_runs_that_do_not_fit_are_named(base: Path, run: Path, tmp_path: Path) -> None:
    small, out = tmp_path / "small", tmp_path / "out"
    train_tagger(Start(run), data(), small, changed(steps=1, layers=1))
    with pytest.raises(ModelError, match=f"{small}: its layers are not those of {run}"):
        average_taggers([small, run], out)
    other = tmp_path / "other"
    shutil.copytree(run, other)
    manifest = json.loads((other / "tagger.json").read_text(encoding="utf-8"))
    (other / "tagger.json").write_text(json.dumps(manifest | {"lexicon": "0"}), encoding="utf-8")
    with pytest.raises(ModelError, match=f"{other}: its lexicon is not that"):
        average_taggers([other, run], out)
    (other / "tagger.json").write_text(json.dumps(manifest), encoding="utf-8")
    (other / "model.safetensors").write_bytes(b"x")
    with pytest.raises(ModelError, match="the runs cannot be averaged"):
        average_taggers([other, run], out)
    assert not out.exists()
