"""The whole way on a tiny encoder: train, stop, resume, export, serve."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from schemas.errors import FingerprintError, ModelError
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T
from serving.engines.tagger.engine import Tagger
from training.tagger.export import export_tagger
from training.tagger.train import MaskedTrainer, TaggerRecipe, train_tagger

RECIPE = TaggerRecipe(steps=60, batch=8, learning_rate=1e-2, warmup_steps=5, save_steps=30)
TEXTS = ["张三的电话是12345。", "李四在。", "电话是三", "王五，张三"]
NAMES = ("张三", "李四", "王五")


def examples() -> list[Example]:
    made = []
    for number, text in enumerate(TEXTS * 4):
        entities = sorted(Entity(at, at + 2, T.PERSON_NAME) for name in NAMES if (at := text.find(name)) >= 0)
        made.append(Example(Document(str(number), text), tuple(entities), "test"))
    return made


@pytest.fixture(scope="module")
def run(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    train_tagger(base, examples(), examples()[:4], out, RECIPE)
    return out


@pytest.fixture(scope="module")
def served(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("served")
    agreement = export_tagger(run, out, TEXTS)
    assert agreement.tokens > 0
    assert agreement.rate >= 0.995
    return out


def test_trained_model_serves_what_it_was_taught(served: Path) -> None:
    for prediction, example in zip(Tagger(served).detect(TEXTS), examples()[:4], strict=True):
        assert prediction.entities == example.entities


def test_blockwise_layers_are_named_and_served(run: Path, tmp_path: Path) -> None:
    assert export_tagger(run, tmp_path / "out", TEXTS, blockwise=[0]).rate >= 0.995
    assert Tagger(tmp_path / "out").detect(TEXTS)[0].entities == examples()[0].entities
    with pytest.raises(ModelError, match="no such layer"):
        export_tagger(run, tmp_path / "other", TEXTS, blockwise=[7])


def test_run_folder_holds_safetensors_and_a_manifest(run: Path) -> None:
    manifest = json.loads((run / "tagger.json").read_text(encoding="utf-8"))
    assert manifest["recipe"] == dataclasses.asdict(RECIPE)
    assert (run / "model.safetensors").is_file()
    assert sorted(path.name for path in run.glob("checkpoint-*")) == ["checkpoint-30", "checkpoint-60"]


def test_interrupted_run_goes_on_from_its_checkpoint(base: Path, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (run / "checkpoint-30").rename(out / "checkpoint-30")
    train_tagger(base, examples(), examples()[:4], out, RECIPE)
    state = json.loads((out / "checkpoint-60" / "trainer_state.json").read_text(encoding="utf-8"))
    logged = [entry["step"] for entry in state["log_history"]]
    assert state["global_step"] == 60
    assert logged[0] == 20  # what was logged before the interruption is kept, not repeated
    assert len(logged) == len({(entry["step"], "eval_loss" in entry) for entry in state["log_history"]})
    (out / "checkpoint-30").rename(run / "checkpoint-30")


def test_agreement_below_the_minimum_writes_nothing(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"below 1\.1"):
        export_tagger(run, tmp_path / "out", TEXTS, minimum=1.1)
    assert not (tmp_path / "out").exists()


def test_model_of_another_contract_is_refused(served: Path, tmp_path: Path) -> None:
    manifest = json.loads((served / "tagger.json").read_text(encoding="utf-8"))
    (tmp_path / "tagger.json").write_text(json.dumps(manifest | {"fingerprint": "0" * 64}), encoding="utf-8")
    with pytest.raises(FingerprintError, match="another contract"):
        Tagger(tmp_path)


def test_unusable_bases_are_named(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json: no such file"):
        train_tagger(tmp_path, [], [], tmp_path / "out", RECIPE)
    (tmp_path / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    with pytest.raises(ModelError, match="not a loadable encoder"):
        train_tagger(tmp_path, [], [], tmp_path / "out", RECIPE)


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
        train_tagger(base, examples(), examples()[:4], tmp_path / name, recipe)
    first, second = (load_file(tmp_path / name / "model.safetensors") for name in ("a", "b"))
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_checkpoint_without_its_last_file_is_passed_over(base: Path, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    shutil.copytree(run, out)
    (out / "checkpoint-60" / "trainer_state.json").unlink()
    train_tagger(base, examples(), examples()[:4], out, RECIPE)
    assert (out / "checkpoint-60" / "trainer_state.json").is_file()


def test_a_folder_of_another_run_is_refused(base: Path, run: Path) -> None:
    with pytest.raises(ModelError, match="another base, recipe or dataset"):
        train_tagger(base, examples(), examples()[:4], run, dataclasses.replace(RECIPE, seed=8))
    with pytest.raises(ModelError, match="another base, recipe or dataset"):
        train_tagger(base, examples()[1:], examples()[:4], run, RECIPE)


def test_export_needs_texts_and_weights(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"0\.0000 of the tags"):
        export_tagger(run, tmp_path / "out", [])
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="not a loadable encoder"):
        export_tagger(tmp_path / "run", tmp_path / "out", TEXTS)
