"""Tiny random encoders in the format of the real base, and what one can learn by heart."""

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, models
from transformers import BertConfig, BertModel

from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T
from training.tagger.recipe import TaggerRecipe
from training.tagger.train import Part, TaggerData

RECIPE = TaggerRecipe(steps=60, batch=8, learning_rate=1e-2, warmup_steps=5, save_steps=30)
TEXTS = ["张三的电话是12345。", "李四在。", "电话是三", "王五，张三"]
NAMES = ("张三", "李四", "王五")


def examples() -> list[Example]:
    listed = []
    for number, text in enumerate(TEXTS * 4):
        entities = sorted(Entity(at, at + 2, T.PERSON_NAME) for name in NAMES if (at := text.find(name)) >= 0)
        listed.append(Example(Document(str(number), text), tuple(entities), "test"))
    return listed


def changed(**settings: object) -> TaggerRecipe:
    """The recipe of the tests with other `settings`."""
    return TaggerRecipe.model_validate(RECIPE.model_dump() | settings)


def data(*parts: Part, unlabelled: Sequence[str] = ()) -> TaggerData:
    """What a tiny tagger learns from: `parts`, or the same examples three times."""
    return TaggerData(parts or [examples] * RECIPE.epochs, examples()[:4], unlabelled)


def write_encoder(folder: Path, pieces: Sequence[str]) -> None:
    """Write a random BERT of 32 dimensions and a Unigram tokenizer of `pieces` (1 is `<pad>`, 3 `<unk>`)."""
    vocabulary = [(piece, -float(rank)) for rank, piece in enumerate(pieces)]
    Tokenizer(models.Unigram(vocabulary, unk_id=3)).save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        pad_token_id=1,
    )
    BertModel(config).save_pretrained(folder)
