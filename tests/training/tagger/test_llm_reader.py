"""A tagger beside which a language model reads: what it sees, what it leaves, what it teaches."""

from pathlib import Path

import pytest
import torch

from schemas.checkpoint.base import TINY
from schemas.checkpoint.tagger_manifest import WindowConfig
from schemas.errors import ModelError
from schemas.tagger.lexicon import Lexicon
from schemas.tagger.model_input import read_tokens
from tests.training.tagger.tiny import TEXTS, changed, data, examples
from training.tagger.export import export_tagger
from training.tagger.features import Vocabulary, WindowCollator, featurize
from training.tagger.llm_reader import READER, ReadingTagger, load_reader, load_reading_tagger, read_window
from training.tagger.model import load_encoder, tag_logits
from training.tagger.tokenizer import load_tokenizer
from training.tagger.train import Start, train_tagger


@pytest.fixture(scope="module")
def taught(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a tagger with a reader."""
    out = tmp_path_factory.mktemp("taught") / "run"
    train_tagger(Start(base, reader=TINY), data(), out, changed(steps=8, save_steps=8))
    return out


def batch(base: Path, model: ReadingTagger, texts: int) -> dict[str, torch.Tensor]:
    vocabulary = Vocabulary(load_tokenizer(base), Lexicon.read(base), model.tokenizer)
    rows = WindowCollator(1)(list(featurize(examples()[:texts], vocabulary, WindowConfig(126, 32, 0, 2, 1))))
    return {name: rows[name] for name in rows if name not in ("labels", "allowed")}


def test_each_token_has_the_place_of_what_is_read_at_its_end(base: Path) -> None:
    _, tokenizer = load_reader(TINY)
    text = "张三的电话是12345。<|im_end|>"
    _, spans = read_tokens(load_tokenizer(base), Lexicon.read(base), text)
    reading = read_window(tokenizer, text, spans[3:])
    assert tokenizer.decode(reading.ids, skip_special_tokens=False) == text[spans[3][0] :]
    offsets = tokenizer.encode(text[spans[3][0] :], add_special_tokens=False).offsets
    for place, (_, end) in zip(reading.places, spans[3:], strict=True):
        first, last = offsets[place]
        assert first < end - spans[3][0] <= last
    assert len(reading.ids) > 6  # the control token of the text was read as its characters


def test_the_language_model_adds_nothing_before_it_is_trained_and_reads_in_both_directions(base: Path) -> None:
    model = ReadingTagger(load_encoder(base), *load_reader(TINY)).eval()
    rows = batch(base, model, 1)
    alone = tag_logits(model.tagger, rows["input_ids"], rows["words"], rows["attention_mask"])
    assert torch.equal(model(**rows), alone)
    torch.nn.init.normal_(model.projection.weight)
    read = model(**rows)
    assert not torch.allclose(read, alone)
    rows["reader_ids"][0, -1] += 1
    assert not torch.allclose(model(**rows)[0, 1], read[0, 1])  # the first token knows of the last


def test_padding_changes_nothing(base: Path, taught: Path) -> None:
    model = load_reading_tagger(taught).eval()
    alone, together = (model(**batch(base, model, texts)) for texts in (1, 4))
    other = batch(base, model, 4)
    rows = {name: values[1:2] for name, values in other.items()}
    length, read = int(rows["attention_mask"].sum()), int(rows["reader_mask"].sum())
    assert length < rows["input_ids"].shape[1] and read < rows["reader_ids"].shape[1]
    cut = {
        name: values[:, : read if name in ("reader_ids", "reader_mask") else length] for name, values in rows.items()
    }
    assert torch.allclose(model(**cut)[0], together[1, :length], atol=1e-4)
    assert torch.allclose(alone[0], together[0, : alone.shape[1]], atol=1e-4)


def test_reader_and_tagger_both_learn_and_teach_a_tagger_without_one(base: Path, taught: Path, tmp_path: Path) -> None:
    before, _ = load_reader(TINY)
    after = load_reading_tagger(taught)
    changes = [
        (was - now).abs().max().item() for was, now in zip(before.parameters(), after.reader.parameters(), strict=True)
    ]
    assert max(changes) > 1e-6 and after.projection.weight.abs().max() > 0
    train_tagger(
        Start(base, teacher=taught), data(unlabelled=TEXTS), tmp_path / "student", changed(steps=2, save_steps=2)
    )
    assert not (tmp_path / "student" / READER).exists()


def test_it_is_neither_exported_nor_a_base(taught: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="export a student of it"):
        export_tagger(taught, tmp_path / "out", TEXTS)
    with pytest.raises(ModelError, match="it can be a teacher, no base"):
        train_tagger(Start(taught), data(), tmp_path / "out", changed(steps=1))
