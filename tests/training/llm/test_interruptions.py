"""Runs that are stopped, killed, finished or full go on, or leave what is whole."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from peft import get_peft_model_state_dict
from safetensors.torch import load_file

from pii_sft.scoring import make_scorer
from schemas.checkpoint.base import open_base
from schemas.errors import ModelError
from tests.training.llm.runs import QUICK, ROOT, recipe, same_weights
from training.checkpoints import last_checkpoint
from training.llm.model import build_model
from training.llm.run import train


@pytest.fixture(scope="module")
def uninterrupted(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("uninterrupted")
    assert train(recipe(data, *QUICK, "adapter.dropout=0.1"), out, make_scorer)
    return out


def start(data: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pii_sft", "train", "--recipe", "smoke", "--out", str(out), f"data={data}"]
    command += [*QUICK, "adapter.dropout=0.1"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def wait_for_checkpoint(out: Path, process: subprocess.Popen[str]) -> None:
    for _ in range(3000):
        if last_checkpoint(out / "checkpoints") or process.poll() is not None:
            return
        time.sleep(0.02)
    raise AssertionError("no checkpoint within a minute")


def test_a_killed_run_ends_with_the_same_weights(data: Path, uninterrupted: Path, tmp_path: Path) -> None:
    with start(data, tmp_path) as process:
        wait_for_checkpoint(tmp_path, process)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "pii-sft.json").exists()
    assert train(recipe(data, *QUICK, "adapter.dropout=0.1"), tmp_path, make_scorer)
    assert same_weights(tmp_path, uninterrupted)


def test_sigterm_saves_and_exits_with_0(data: Path, uninterrupted: Path, tmp_path: Path) -> None:
    with start(data, tmp_path) as process:
        wait_for_checkpoint(tmp_path, process)
        process.terminate()
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "repeat the command to resume" in output
    assert train(recipe(data, *QUICK, "adapter.dropout=0.1"), tmp_path, make_scorer)
    assert same_weights(tmp_path, uninterrupted)


def test_a_folder_of_another_run_is_refused(data: Path, uninterrupted: Path) -> None:
    with pytest.raises(ModelError, match=r"holds another run, whose recipe\.adapter\.dropout is 0\.1, not 0\.0"):
        train(recipe(data, *QUICK), uninterrupted, make_scorer)


def test_a_finished_run_stays_as_it_is(data: Path, uninterrupted: Path) -> None:
    def times() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in uninterrupted.rglob("*")}

    before = times()
    assert train(recipe(data, *QUICK, "adapter.dropout=0.1", "log_every=5"), uninterrupted, make_scorer)
    assert times() == before


def test_training_begins_at_an_adapter(data: Path, uninterrupted: Path) -> None:
    begun = recipe(data, *QUICK, "adapter.dropout=0.1", f"init_adapter={uninterrupted}")
    model = build_model(open_base(begun.base), begun)
    weights = get_peft_model_state_dict(model)
    trained = load_file(uninterrupted / "adapter_model.safetensors")
    assert weights.keys() == trained.keys()
    assert all(torch.equal(weights[name], trained[name]) for name in trained)
    assert any(weight.requires_grad for weight in model.parameters())


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("adapter.r=4", "its r is 32, the recipe's adapter has 4"),
        ("adapter.targets=[q_proj]", r"its layers are not those of adapter\.targets"),
        ("init_adapter=nowhere", "nowhere"),
    ],
)
def test_an_adapter_to_begin_at_must_fit(
    data: Path, uninterrupted: Path, tmp_path: Path, override: str, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        train(recipe(data, *QUICK, f"init_adapter={uninterrupted}", override), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_disk_that_is_full_is_told_of_and_leaves_the_last_whole_checkpoint(data: Path, tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from pii_sft.cli import main;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from schemas.checkpoint.tiny import tiny_base; tiny_base();"  # written before the limit holds
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY));"
        "sys.exit(main(sys.argv[2:]))"
    )
    settings = [f"data={data}", *QUICK, "optimisation.steps=4", "save_every=2", "evaluation.every=2"]
    command = ["train", "--recipe", "smoke", "--out", str(tmp_path / "run"), *settings, "evaluation.examples=0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run(limit: int) -> subprocess.CompletedProcess[str]:
        started = [sys.executable, "-c", code, str(limit), *command]
        return subprocess.run(started, cwd=ROOT, capture_output=True, text=True, env=environment, check=False)

    failed = run(200_000)
    assert failed.returncode == 2
    assert "cannot be written: " in failed.stderr.splitlines()[-1]
    assert "Traceback" not in failed.stderr
    assert last_checkpoint(tmp_path / "run" / "checkpoints") is None
    assert run(10_000_000).returncode == 0
    assert (tmp_path / "run" / "pii-sft.json").is_file()
