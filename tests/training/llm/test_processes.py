"""Several processes with the same global batch train as one does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from safetensors.torch import load_file
from torch.testing import assert_close

from pii_sft.scoring import make_scorer
from training.checkpoints import last_checkpoint
from training.llm.recipe import load_recipe
from training.llm.run import train

ROOT = Path(__file__).parents[3]
SETTINGS = [
    "optimisation.steps=8",
    "evaluation.every=4",
    "save_every=4",
    "log_every=1",
    "report=[]",
    "batches.examples=2",
    "batches.step_examples=4",
]


def curve(out: Path, name: str) -> list[float]:
    state = json.loads(Path(last_checkpoint(out / "checkpoints") or "", "trainer_state.json").read_text("utf-8"))
    return [entry[name] for entry in state["log_history"] if name in entry]


def test_two_processes_have_the_curve_of_one(data: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    settings = [f"data={data}", *SETTINGS]
    assert train(load_recipe("smoke", settings), one, make_scorer)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "pii_sft"]
    command = [*launch, "train", "--recipe", "smoke", "--out", str(two), *settings]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(curve(one, "loss")) == 8
    for name in ("loss", "eval_loss"):
        assert curve(two, name) == pytest.approx(curve(one, name), rel=1e-4), name
    assert curve(two, "eval_f1") == curve(one, "eval_f1")
    first, second = (load_file(out / "adapter_model.safetensors") for out in (one, two))
    for key, weights in first.items():
        assert_close(second[key], weights, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("name", ["ddp", "fsdp"])
def test_launch_configurations_are_ones_that_accelerate_reads(name: str) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    path = ROOT / "training" / "launch" / f"{name}.yaml"
    configuration = load_config_from_file(str(path))
    assert configuration.distributed_type.value == {"ddp": "MULTI_GPU", "fsdp": "FSDP"}[name]
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["num_processes"] == 2
