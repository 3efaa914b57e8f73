"""Tiny random encoders in the format of the real base."""

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, models
from transformers import BertConfig, BertModel


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
