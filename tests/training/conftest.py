from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models
from transformers import BertConfig, BertModel


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random encoder with an XLM-R style Unigram tokenizer, in the format of the real base."""
    folder = tmp_path_factory.mktemp("base")
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *"张三李四王五电话是在的，。0123456789", "a", "b", "▁the", "the"]
    Tokenizer(models.Unigram([(piece, -float(rank)) for rank, piece in enumerate(pieces)], unk_id=3)).save(
        str(folder / "tokenizer.json")
    )
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
    return folder
