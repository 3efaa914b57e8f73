"""Training a tiny encoder: what it leaves, what stops it, how it goes on."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from schemas.errors import ModelError
from schemas.spans.entity import Example
from schemas.spans.tags import TAGS
from tests.training.tagger.tiny import RECIPE, epoch, examples
from training.tagger.train import MaskedTrainer, load_encoder, train_tagger


def test_run_folder_holds_safetensors_and_a_manifest(run: Path) -> None:
    manifest = json.loads((run / "tagger.json").read_text(encoding="utf-8"))
    assert manifest["recipe"] == dataclasses.asdict(RECIPE)
    assert (run / "model.safetensors").is_file()
    assert sorted(path.name for path in run.glob("checkpoint-*")) == ["checkpoint-30", "checkpoint-60"]


def test_interrupted_run_goes_on_from_its_checkpoint(base: Path, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (run / "checkpoint-30").rename(out / "checkpoint-30")
    train_tagger(base, epoch, examples()[:4], out, RECIPE)
    state = json.loads((out / "checkpoint-60" / "trainer_state.json").read_text(encoding="utf-8"))
    logged = [entry["step"] for entry in state["log_history"]]
    assert state["global_step"] == 60
    assert logged[0] == 20  # what was logged before the interruption is kept, not repeated
    assert len(logged) == len({(entry["step"], "eval_loss" in entry) for entry in state["log_history"]})
    (out / "checkpoint-30").rename(run / "checkpoint-30")


def test_unusable_bases_are_named(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json: no such file"):
        train_tagger(tmp_path, lambda _: [], [], tmp_path / "out", RECIPE)
    (tmp_path / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    with pytest.raises(ModelError, match="not a loadable encoder"):
        train_tagger(tmp_path, lambda _: [], [], tmp_path / "out", RECIPE)


def test_each_epoch_has_its_own_examples(base: Path, tmp_path: Path) -> None:
    asked: list[int] = []

    def fresh(number: int) -> list[Example]:
        asked.append(number)
        return examples()[: 2 + number]

    train_tagger(base, fresh, examples()[:4], tmp_path / "run", dataclasses.replace(RECIPE, epochs=3, steps=1))
    assert asked == [0, 1, 2]
    assert json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))["windows"][0] == 2 + 3 + 4


def test_a_tagger_of_other_tags_keeps_its_head_tag_by_tag(base: Path, tmp_path: Path) -> None:
    tagger = load_encoder(base)
    labels = [TAGS[3], "B-UNKNOWN", TAGS[0]]
    old = torch.nn.Linear(tagger.config.hidden_size, len(labels))
    tagger.classifier, tagger.num_labels = old, len(labels)
    tagger.config.id2label = dict(enumerate(labels))
    tagger.config.label2id = {label: row for row, label in enumerate(labels)}
    tagger.save_pretrained(tmp_path)
    head = load_encoder(tmp_path).classifier
    assert head.weight.shape[0] == len(TAGS)
    assert torch.equal(head.weight[3], old.weight[0]) and torch.equal(head.weight[0], old.weight[2])
    assert torch.equal(head.bias[[3, 0]], old.bias[[0, 2]])
    assert not torch.equal(head.weight[1], old.weight[1])


def test_masked_tags_get_no_gradient() -> None:
    logits = torch.zeros(1, 2, 5, requires_grad=True)

    class Fixed(torch.nn.Module):
        def forward(self, **_: torch.Tensor) -> object:
            return type("Output", (), {"logits": logits})

    allowed = torch.tensor([[True, True, False, False, True]])
    loss = MaskedTrainer.compute_loss(None, Fixed(), {"allowed": allowed, "labels": torch.tensor([[0, 1]])})  # type: ignore[arg-type]
    loss.backward()
    assert loss.item() == pytest.approx(torch.log(torch.tensor(3.0)).item())
    assert logits.grad is not None
    assert logits.grad[0, :, 2:4].abs().sum() == 0
    assert logits.grad[0, :, [0, 1, 4]].abs().min() > 0


def test_the_same_seed_gives_the_same_model(base: Path, tmp_path: Path) -> None:
    recipe = dataclasses.replace(RECIPE, steps=3, save_steps=3)
    for name in ("a", "b"):
        torch.manual_seed(len(list(tmp_path.iterdir())))  # what ran before must not matter
        train_tagger(base, epoch, examples()[:4], tmp_path / name, recipe)
    first, second = (load_file(tmp_path / name / "model.safetensors") for name in ("a", "b"))
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_checkpoint_without_its_last_file_is_passed_over(base: Path, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    shutil.copytree(run, out)
    (out / "checkpoint-60" / "trainer_state.json").unlink()
    train_tagger(base, epoch, examples()[:4], out, RECIPE)
    assert (out / "checkpoint-60" / "trainer_state.json").is_file()


def test_a_folder_of_another_run_is_refused(base: Path, run: Path) -> None:
    with pytest.raises(ModelError, match="another base, recipe or dataset"):
        train_tagger(base, epoch, examples()[:4], run, dataclasses.replace(RECIPE, seed=8))
    with pytest.raises(ModelError, match="another base, recipe or dataset"):
        train_tagger(base, lambda _: examples()[1:], examples()[:4], run, RECIPE)
