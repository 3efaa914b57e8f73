"""Training a tiny encoder: what it leaves, what stops it, how it goes on."""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertModel

from schemas.checkpoint.tagger_manifest import WindowConfig
from schemas.errors import DataError, ModelError
from schemas.spans.tags import TAGS
from schemas.tagger.lexicon import Lexicon
from tests.training.tagger.tiny import RECIPE, TEXTS, changed, data, examples
from training.tagger.average import average_taggers
from training.tagger.features import IGNORED, Vocabulary, WindowCollator, featurize
from training.tagger.model import add_early, compile_layers, every_logits, load_encoder, tag_logits
from training.tagger.tokenizer import load_tokenizer
from training.tagger.train import Start, TaggerData, train_tagger
from training.tagger.trainer import Targets, tag_loss


def test_run_folder_holds_safetensors_and_a_manifest(run: Path) -> None:
    manifest = json.loads((run / "tagger.json").read_text(encoding="utf-8"))
    assert manifest["recipe"] == RECIPE.model_dump()
    assert (run / "model.safetensors").is_file()
    assert sorted(path.name for path in run.glob("checkpoint-*")) == ["checkpoint-30", "checkpoint-60"]


def test_interrupted_run_goes_on_from_its_checkpoint(base: Path, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (run / "checkpoint-30").rename(out / "checkpoint-30")
    train_tagger(Start(base), data(), out, RECIPE)
    state = json.loads((out / "checkpoint-60" / "trainer_state.json").read_text(encoding="utf-8"))
    logged = [entry["step"] for entry in state["log_history"]]
    assert state["global_step"] == 60
    assert logged[0] == 20  # what was logged before the interruption is kept, not repeated
    assert len(logged) == len({(entry["step"], "eval_loss" in entry) for entry in state["log_history"]})
    (out / "checkpoint-30").rename(run / "checkpoint-30")


def test_a_finished_run_stays_as_it_is(base: Path, run: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()}
    assert not train_tagger(Start(base), data(), run, RECIPE)
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*") if path.is_file()} == before


def test_unusable_bases_are_named(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json: no such file"):
        train_tagger(Start(tmp_path), data(list), tmp_path / "out", RECIPE)
    (tmp_path / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    for _ in range(2):
        with pytest.raises(ModelError, match="not a loadable encoder"):
            train_tagger(Start(tmp_path), data(list), tmp_path / "out", RECIPE)
        shutil.copyfile(base / "config.json", tmp_path / "config.json")
        (tmp_path / "model.safetensors").write_bytes(b"\x10")  # of a download that was interrupted


def test_a_base_may_have_its_weights_in_several_files(base: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    BertModel.from_pretrained(base).save_pretrained(parts, max_shard_size="20KB")
    shutil.copyfile(base / "tokenizer.json", parts / "tokenizer.json")
    assert len(list(parts.glob("*.safetensors"))) > 1
    assert train_tagger(Start(parts), data(), tmp_path / "out", changed(steps=1, warmup_steps=0))
    assert len(list((tmp_path / "out").glob("*.safetensors"))) == 1


def test_what_cannot_be_trained_on_is_told_of_at_once(base: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(DataError, match="the training data hold no text"):
        train_tagger(Start(base), data(list), out, RECIPE)
    with pytest.raises(DataError, match="the validation data hold no text"):
        train_tagger(Start(base), TaggerData([examples], []), out, RECIPE)
    with pytest.raises(ModelError, match="reads at most 510 tokens at once, not window=511"):
        train_tagger(Start(base), data(), out, changed(window=511))
    assert train_tagger(Start(base), data(), out, changed(window=510, steps=1, warmup_steps=0))


@pytest.mark.skipif(not shutil.which("c++"), reason="torch.compile needs a C++ compiler on a CPU")
@pytest.mark.filterwarnings("ignore")  # torch's compiler imports and tries what warns
def test_compiled_layers_learn_the_same(run: Path) -> None:
    vocabulary = Vocabulary(load_tokenizer(run), Lexicon.read(run))
    batch = WindowCollator(1)(list(featurize(examples()[:4], vocabulary, WindowConfig(254, 64, 0, 2, 1))))
    gradients = []
    for compiled in (False, True):
        model = load_encoder(run, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        if compiled:
            compile_layers(model)
        tag_logits(model, batch["input_ids"], batch["words"], batch["attention_mask"]).square().sum().backward()
        gradients.append({name: weights.grad for name, weights in model.named_parameters()})
    assert gradients[0].keys() == gradients[1].keys()
    for name, plain in gradients[0].items():
        torch.testing.assert_close(plain, gradients[1][name], atol=1e-3, rtol=1e-3)


def test_all_parts_are_trained_on_whoever_makes_them(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = []
    for cores in (1, 4):  # two processes more make the parts
        monkeypatch.setattr("os.sched_getaffinity", lambda _, count=cores: set(range(count)))
        out = tmp_path / str(cores)
        parts = [partial(examples()[:count].__iter__) for count in (2, 3, 4)]
        train_tagger(Start(base), data(*parts), out, changed(epochs=3, steps=1))
        assert json.loads((out / "run.json").read_text(encoding="utf-8"))["windows"][0] == 2 + 3 + 4
        weights.append(load_file(out / "model.safetensors"))
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_run_whose_gradients_are_no_numbers_stops(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"step 20: the gradients are no numbers"):
        train_tagger(Start(base), data(), tmp_path / "out", changed(learning_rate=1e30, warmup_steps=0))
    assert not (tmp_path / "out" / "model.safetensors").exists()


def test_a_tagger_of_other_tags_keeps_its_head_tag_by_tag(base: Path, tmp_path: Path) -> None:
    tagger = load_encoder(base)
    labels = [TAGS[3], "B-UNKNOWN", TAGS[0]]
    old = torch.nn.Linear(tagger.config.hidden_size, len(labels))
    tagger.classifier, tagger.num_labels = old, len(labels)
    tagger.config.id2label = dict(enumerate(labels))
    tagger.config.label2id = {label: row for row, label in enumerate(labels)}
    add_early(tagger, 1)
    tagger.save_pretrained(tmp_path)
    again: Any = load_encoder(tmp_path)
    for head in (again.classifier, again.early):
        assert head.weight.shape[0] == len(TAGS)
        assert torch.equal(head.weight[3], old.weight[0]) and torch.equal(head.weight[0], old.weight[2])
        assert torch.equal(head.bias[[3, 0]], old.bias[[0, 2]])
        assert not torch.equal(head.weight[1], old.weight[1])


def test_masked_tags_get_no_gradient() -> None:
    logits = torch.zeros(1, 2, 5, requires_grad=True)
    allowed = torch.tensor([[True, True, False, False, True]])
    loss = tag_loss(Targets(torch.tensor([[0, 1]]), allowed, torch.ones(1, 2) > 0), logits)
    loss.backward()
    assert loss.item() == pytest.approx(torch.log(torch.tensor(3.0)).item())
    assert logits.grad is not None
    assert logits.grad[0, :, 2:4].abs().sum() == 0
    assert logits.grad[0, :, [0, 1, 4]].abs().min() > 0


def test_a_teacher_is_all_that_texts_without_labels_have() -> None:
    answers = torch.tensor([[[0.5, 0.5], [1.0, 0.0]]])
    labels = torch.tensor([[IGNORED, 0]])
    targets = Targets(labels, torch.ones(1, 2) > 0, torch.ones(1, 2) > 0, answers)
    logits = torch.tensor([[[0.0, 0.0], [2.0, 0.0]]])
    both = [torch.log(torch.tensor(2.0)), torch.log1p(torch.exp(torch.tensor(-2.0)))]
    assert tag_loss(targets, logits, 0.5).item() == pytest.approx(sum(both).item() / 2)
    wrong = targets._replace(labels=torch.tensor([[IGNORED, 1]]))
    half = 0.5 * (both[1] + torch.log1p(torch.exp(torch.tensor(2.0))))
    assert tag_loss(wrong, logits, 0.5).item() == pytest.approx((both[0] + half).item() / 2)


def test_a_batch_without_any_label_has_no_loss() -> None:
    targets = Targets(torch.full((1, 2), IGNORED), torch.ones(1, 2) > 0, torch.ones(1, 2) > 0)
    assert tag_loss(targets, torch.zeros(1, 2, 2)).item() == 0.0


def test_a_student_of_fewer_layers_learns_from_its_teacher_alone(base: Path, run: Path, tmp_path: Path) -> None:
    student = changed(layers=1, soft=1.0, epochs=30, steps=None)
    train_tagger(Start(run, teacher=run), data(list, unlabelled=TEXTS), tmp_path / "student", student)
    model = load_encoder(tmp_path / "student")
    assert model.config.num_hidden_layers == 1
    assert torch.equal(best_tags(model, base), best_tags(load_encoder(run), base))
    with pytest.raises(ModelError, match="3 layers: the encoder has 2"):
        train_tagger(Start(run), data(), tmp_path / "other", changed(layers=3))


def test_an_early_head_learns_beside_the_last(base: Path, run: Path, early_run: Path, tmp_path: Path) -> None:
    texts = batch(base)
    known = texts["labels"] != IGNORED
    model = load_encoder(early_run).eval()
    for scores in every_logits(model, texts["input_ids"], texts["words"], texts["attention_mask"]):
        assert torch.equal(scores.argmax(-1)[known], texts["labels"][known])
    with pytest.raises(ModelError, match="early_layers=2: the encoder has 2 layers"):
        train_tagger(Start(run), data(), tmp_path / "out", changed(early_layers=2))
    train_tagger(Start(early_run), data(), tmp_path / "on", changed(steps=1, warmup_steps=0))
    assert load_encoder(tmp_path / "on").config.early_layers == 1
    train_tagger(Start(early_run), data(), tmp_path / "fewer", changed(steps=1, warmup_steps=0, layers=1))
    assert load_encoder(tmp_path / "fewer").config.early_layers is None
    with pytest.raises(ModelError, match="its layers are not those of"):
        average_taggers([run, early_run], tmp_path / "mean")
    other = tmp_path / "other"
    shutil.copytree(early_run, other)
    config = json.loads((other / "config.json").read_text(encoding="utf-8"))
    (other / "config.json").write_text(json.dumps(config | {"early_layers": 2}), encoding="utf-8")
    with pytest.raises(ModelError, match="their early heads answer after different layers"):
        average_taggers([early_run, other], tmp_path / "mean")


def test_an_early_head_can_learn_alone(run: Path, early_run: Path, tmp_path: Path) -> None:
    alone = changed(steps=2, warmup_steps=0, only_early=True)
    with pytest.raises(ModelError, match="only_early: there is no early head"):
        train_tagger(Start(run), data(), tmp_path / "none", alone)
    train_tagger(Start(early_run), data(), tmp_path / "alone", alone)
    before, after = (load_file(folder / "model.safetensors") for folder in (early_run, tmp_path / "alone"))
    assert {name for name in after if not torch.equal(before[name], after[name])} == {"early.weight", "early.bias"}


def test_layers_with_an_early_head_are_compiled_as_a_whole(base: Path, early_run: Path) -> None:
    model = load_encoder(early_run)
    encoder: Any = model.base_model.encoder
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    for layer in encoder.layer:
        layer.compile(backend="eager", dynamic=True)
    texts = batch(base)
    inputs = (texts["input_ids"], texts["words"], texts["attention_mask"])
    with torch.no_grad():
        compiled = every_logits(model.eval(), *inputs)
        plain = every_logits(load_encoder(early_run).eval(), *inputs)
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] > 0
    assert not torch._dynamo.utils.counters["graph_break"]
    for one, other in zip(compiled, plain, strict=True):
        torch.testing.assert_close(one, other)


def batch(base: Path) -> dict[str, torch.Tensor]:
    """All texts, one below the other."""
    vocabulary = Vocabulary(load_tokenizer(base), Lexicon.read(base))
    return WindowCollator(1)(list(featurize(examples()[:4], vocabulary, WindowConfig(126, 32, 0, 2, 1))))


def best_tags(model: torch.nn.Module, base: Path) -> torch.Tensor:
    """The best tag of each token of all texts."""
    read = batch(base)
    tags = tag_logits(model.eval(), read["input_ids"], read["words"], read["attention_mask"]).argmax(-1)
    return tags[read["attention_mask"] > 0]


def test_the_same_seed_gives_the_same_model(base: Path, tmp_path: Path) -> None:
    recipe = changed(steps=3, save_steps=3)
    for name in ("a", "b"):
        torch.manual_seed(len(list(tmp_path.iterdir())))  # what ran before must not matter
        train_tagger(Start(base), data(), tmp_path / name, recipe)
    first, second = (load_file(tmp_path / name / "model.safetensors") for name in ("a", "b"))
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_checkpoint_without_its_last_file_is_passed_over(base: Path, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    shutil.copytree(run, out)
    (out / "checkpoint-60" / "trainer_state.json").unlink()
    (out / "tagger.json").unlink()  # which is the last file of a run
    train_tagger(Start(base), data(), out, RECIPE)
    assert (out / "checkpoint-60" / "trainer_state.json").is_file()


def test_a_folder_of_another_run_is_refused(base: Path, run: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds another run"):
        train_tagger(Start(base), data(), run, changed(seed=8))
    with pytest.raises(ModelError, match="holds another run"):
        train_tagger(Start(base), data(lambda: examples()[1:]), run, RECIPE)
    same_count = [lambda: examples()[::-1], *[examples] * (RECIPE.epochs - 1)]
    with pytest.raises(ModelError, match="holds another run, whose sha256 is"):
        train_tagger(Start(base), data(*same_count), run, RECIPE)
    with pytest.raises(ModelError, match="holds another run, whose sha256 is"):
        train_tagger(Start(base), TaggerData([examples] * RECIPE.epochs, examples()[1:5]), run, RECIPE)
    other = tmp_path / base.name
    shutil.copytree(base, other)
    weights = load_file(base / "model.safetensors")
    save_file({name: weight + 1 for name, weight in weights.items()}, other / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match="holds another run, whose base is"):
        train_tagger(Start(other), data(), run, RECIPE)


def test_a_folder_with_a_tagger_of_no_run_is_refused(base: Path, run: Path, tmp_path: Path) -> None:
    average_taggers([run, run], tmp_path / "mean")
    with pytest.raises(ModelError, match="holds a tagger that no run of here wrote"):
        train_tagger(Start(base), data(), tmp_path / "mean", RECIPE)


def test_a_teacher_reads_what_the_base_reads(base: Path, run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(run, other)
    tokenizer = json.loads((other / "tokenizer.json").read_text(encoding="utf-8"))
    pieces = tokenizer["model"]["vocab"]
    pieces[-1], pieces[-2] = pieces[-2], pieces[-1]
    (other / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    with pytest.raises(ModelError, match=f"{other}: its tokenizer is not that of {run}"):
        train_tagger(Start(run, teacher=other), data(), tmp_path / "out", RECIPE)
    with pytest.raises(ModelError, match=r"tagger\.json"):
        train_tagger(Start(run, teacher=base), data(), tmp_path / "out", RECIPE)
