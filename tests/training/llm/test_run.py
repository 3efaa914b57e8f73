"""Whole runs of the smoke recipe: it learns, and is loaded by peft and by the engine; other settings train too."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from pii_sft.scoring import make_scorer
from schemas.checkpoint.tiny import write_tiny_base
from schemas.errors import FingerprintError, ModelError, PiiSftError
from schemas.spans.entity import Example
from serving.engines.llm.engine import LlmSettings
from serving.engines.llm.load import load_llm
from tests.training.llm.runs import QUICK, ROOT, recipe, same_weights
from training.checkpoints import last_checkpoint
from training.llm import trainer as trainer_module
from training.llm.recipe import load_recipe
from training.llm.run import train


@pytest.fixture(scope="module")
def smoke(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smoke recipe as it is shipped, with its own training rows for validation."""
    out = tmp_path_factory.mktemp("smoke")
    assert train(recipe(data, "evaluation.general=4"), out, make_scorer)
    return out


def test_the_smoke_recipe_learns_its_rows_by_heart(smoke: Path) -> None:
    manifest = json.loads((smoke / "pii-sft.json").read_text(encoding="utf-8"))
    assert manifest["before"]["eval_f1"] < 0.5
    assert manifest["after"]["eval_f1"] == manifest["after"]["eval_recall"] == 1.0
    assert manifest["after"]["eval_loss"] < manifest["before"]["eval_loss"] / 2
    assert manifest["before"]["eval_perplexity"] > 1
    assert 0 < manifest["trained_parameters"] < manifest["all_parameters"]
    state = json.loads(Path(last_checkpoint(smoke / "checkpoints") or "", "trainer_state.json").read_text("utf-8"))
    losses = [entry["loss"] for entry in state["log_history"] if "loss" in entry]
    assert losses[-1] < losses[0] / 2


def test_the_folder_tells_how_it_was_made(smoke: Path) -> None:
    assert {path.name for path in smoke.iterdir() if path.is_file()} >= {
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "chat_template.jinja",
        "curves.png",
        "pii-sft.json",
        "recipe.yaml",
        "tokenizer.json",
    }
    assert not list(smoke.glob("*.bin")) and not list(smoke.glob("*.partial"))
    card = (smoke / "README.md").read_text(encoding="utf-8")
    assert "| entity F1 | " in card and "| 1.0000 |" in card
    assert load_recipe(str(smoke / "recipe.yaml")).base.model == "tiny-random-qwen2"


def test_the_adapter_loads_through_plain_peft_and_our_engine(smoke: Path, base: Path, examples: list[Example]) -> None:
    plain = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), str(smoke))
    assert sum("lora_A" in name for name, _ in plain.named_parameters()) == 14
    detector = load_llm(None, smoke)
    predictions = detector.detect([example.document.text for example in examples])
    assert [prediction.entities for prediction in predictions] == [example.entities for example in examples]
    assert all(0.2 < found.score <= 1 for prediction in predictions for found in prediction.detections)


def test_the_operating_point_moves_recall(smoke: Path, examples: list[Example]) -> None:
    texts = [example.document.text for example in examples]
    found = [
        sum(
            len(prediction.entities)
            for prediction in load_llm(None, smoke, settings=LlmSettings(bias=bias)).detect(texts)
        )
        for bias in (-50.0, 0.0, 50.0)
    ]
    assert found[0] == 0 and found[0] < found[1] < found[2]


def test_an_adapter_of_another_contract_is_refused(smoke: Path, tmp_path: Path) -> None:
    manifest = json.loads((smoke / "pii-sft.json").read_text(encoding="utf-8"))
    (tmp_path / "pii-sft.json").write_text(json.dumps(manifest | {"fingerprint": "0"}), encoding="utf-8")
    with pytest.raises(FingerprintError, match="another contract"):
        load_llm(None, tmp_path)
    with pytest.raises(ModelError, match="no readable adapter manifest"):
        load_llm(None, tmp_path / "none")


def test_an_adapter_without_our_manifest_answers_the_same(
    smoke: Path, base: Path, examples: list[Example], tmp_path: Path
) -> None:
    shutil.copytree(smoke, tmp_path / "theirs", ignore=shutil.ignore_patterns("pii-sft.json", "checkpoints"))
    texts = [example.document.text for example in examples]
    ours, theirs = (load_llm(str(base), folder, dtype="float32") for folder in (smoke, tmp_path / "theirs"))
    assert theirs.detect(texts) == ours.detect(texts)


def test_adapters_that_do_not_fit_are_refused_in_words(smoke: Path, tmp_path: Path) -> None:
    for name in ("pii-sft.json", "adapter_config.json"):
        shutil.copy(smoke / name, tmp_path)
    with pytest.raises(ModelError, match=r"adapter_model\.safetensors: no such file"):
        load_llm(None, tmp_path)
    (tmp_path / "adapter_model.safetensors").write_bytes(b"cut off")
    with pytest.raises(ModelError, match="the adapter does not fit this base"):
        load_llm(None, tmp_path)
    write_tiny_base(tmp_path / "wide", hidden=96)
    with pytest.raises(ModelError, match="the adapter does not fit this base"):
        load_llm(str(tmp_path / "wide"), smoke)


def test_the_best_step_is_kept_and_patience_ends_the_run(data: Path, tmp_path: Path) -> None:
    scores = iter([(0, 9, 9), (8, 1, 1), (5, 4, 4), (4, 5, 5), (7, 2, 2)])
    quick = [*QUICK, "optimisation.steps=40", "evaluation.patience=2"]
    assert train(recipe(data, *quick), tmp_path, lambda *_: lambda *_: next(scores))
    manifest = json.loads((tmp_path / "pii-sft.json").read_text(encoding="utf-8"))
    assert manifest["after"]["eval_f1"] == pytest.approx(7 / 9)
    checkpoint = tmp_path / "checkpoints" / "checkpoint-6"  # the first evaluation in training was the best
    assert same_weights(tmp_path, checkpoint)
    state = json.loads(Path(last_checkpoint(tmp_path / "checkpoints") or "", "trainer_state.json").read_text("utf-8"))
    assert state["global_step"] == 18


def test_equal_scores_are_told_apart_by_the_loss(data: Path, tmp_path: Path) -> None:
    assert train(recipe(data, *QUICK), tmp_path, lambda *_: lambda *_: (0, 1, 9))
    manifest = json.loads((tmp_path / "pii-sft.json").read_text(encoding="utf-8"))
    state = json.loads(Path(last_checkpoint(tmp_path / "checkpoints") or "", "trainer_state.json").read_text("utf-8"))
    losses = {entry["step"]: entry["eval_loss"] for entry in state["log_history"] if "eval_loss" in entry}
    assert manifest["kept_step"] == min(losses, key=lambda step: losses[step]) == 12
    assert "The model of step 12 was kept: the best on 9 entities" in (tmp_path / "README.md").read_text(
        encoding="utf-8"
    )


def test_a_loss_that_is_not_finite_names_step_and_rows(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_losses = trainer_module.token_losses

    def broken(model: torch.nn.Module, *arguments: Any) -> tuple[torch.Tensor, torch.Tensor]:
        found, weights = true_losses(model, *arguments)
        return (found * float("nan") if model.training else found), weights

    monkeypatch.setattr(trainer_module, "token_losses", broken)
    with pytest.raises(PiiSftError, match=r"not finite at step 1; rows of the batch: row-\d") as raised:
        train(recipe(data, *QUICK), tmp_path, make_scorer)
    assert "张三" not in str(raised.value)


def test_general_dialogue_is_trained_on(data: Path, tmp_path: Path) -> None:
    mixed = recipe(data, *QUICK, "sampling.general=0.3", "evaluation.general=2", "optimisation.steps=6")
    assert train(mixed, tmp_path, make_scorer)
    manifest = json.loads((tmp_path / "pii-sft.json").read_text(encoding="utf-8"))
    assert manifest["rows"] == 8 + 6


@pytest.mark.parametrize(
    "override",
    [
        "adapter=null",
        "batches.packing=false",
        "optimisation.gradient_checkpointing=true",
        "loss.forced=false",
        "loss.label_smoothing=0.1",
    ],
)
def test_other_settings_train_too(data: Path, tmp_path: Path, override: str) -> None:
    assert train(recipe(data, *QUICK, "optimisation.steps=3", override), tmp_path, make_scorer)
    if override == "adapter=null":
        assert (tmp_path / "model.safetensors").is_file() and (tmp_path / "tokenizer.json").is_file()
        assert load_llm(None, tmp_path).detect(["好"])[0].text == "好"  # a whole model loads as an adapter does


def test_bfloat16_trains_too(data: Path, tmp_path: Path) -> None:
    # one step, since a CPU without bfloat16 of its own takes minutes for each
    overrides = ("optimisation.steps=1", "base.dtype=bfloat16", "evaluation.examples=0")
    assert train(recipe(data, *QUICK, *overrides), tmp_path, make_scorer)


def test_without_validation_the_last_step_is_kept(data: Path, tmp_path: Path) -> None:
    assert train(recipe(data, *QUICK, "evaluation.examples=0"), tmp_path, make_scorer)
    assert same_weights(tmp_path, tmp_path / "checkpoints" / "checkpoint-12")


def test_curves_go_to_tensorboard(data: Path, tmp_path: Path) -> None:
    assert train(recipe(data, *QUICK, "optimisation.steps=6", "report=[tensorboard]"), tmp_path, make_scorer)
    assert list(tmp_path.rglob("events.out.tfevents.*"))


def test_quantised_training_takes_steps(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes", reason="QLoRA needs bitsandbytes")
    code = (
        "from pathlib import Path; import sys; from training.llm.recipe import load_recipe;"
        "from training.llm.run import train; import bitsandbytes.nn.modules as layers;"
        "layers.has_avx512bf16 = lambda: True;"  # there, evaluation would pack the weights for good
        "train(load_recipe('smoke', sys.argv[2:]), Path(sys.argv[1]))"
    )
    # few steps, since a CPU without bfloat16 of its own takes half a minute for each
    overrides = [f"data={data}", *QUICK, "optimisation.steps=3", "base.quantization=nf4", "base.dtype=bfloat16"]
    overrides.append("evaluation.examples=1")
    command = [sys.executable, "-c", code, str(tmp_path), *overrides]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    state = json.loads(Path(last_checkpoint(tmp_path / "checkpoints") or "", "trainer_state.json").read_text("utf-8"))
    losses = [entry["loss"] for entry in state["log_history"] if "loss" in entry]
    assert len(losses) == 3 and losses[-1] < losses[0]


def test_a_tracker_that_is_not_installed_is_named(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="report: the package swanlab is not installed"):
        train(recipe(data, "report=[swanlab]"), tmp_path / "run")
    assert not (tmp_path / "run").exists()
