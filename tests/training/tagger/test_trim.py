import json
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from schemas.errors import ModelError
from tests.training.tagger.tiny import write_encoder
from training.tagger.trim import select_pieces, trim_encoder

PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "张",
    "中国",
    "▁中",
    "1",
    "12",
    ",",
    "...",
    "a",
    "▁the",
    "ing",
    "été",
    "ё",
    "x1",
    "か",
    "▁rare",
]


def test_selection_keeps_symbols_and_the_likeliest_latin_pieces() -> None:
    vocabulary = [(piece, -float(rank)) for rank, piece in enumerate(PIECES)]
    kept = [PIECES[index] for index in select_pieces(vocabulary, latin=3)]
    assert kept == ["<s>", "<pad>", "</s>", "<unk>", "▁", "张", "1", ",", "a", "▁the", "ing", "か"]


def test_trimmed_encoder_computes_the_same(tmp_path: Path) -> None:
    base, out = tmp_path / "base", tmp_path / "out"
    base.mkdir()
    write_encoder(base, PIECES)
    kept = trim_encoder(base, out, latin=3)
    assert kept == 12
    before, after = (AutoModel.from_pretrained(folder).eval() for folder in (base, out))
    assert after.get_input_embeddings().weight.shape == (12, 32)
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    old = [PIECES.index(piece) for piece in ("<s>", "张", "1", "▁the", "</s>")]
    new = [tokenizer.token_to_id(PIECES[index]) for index in old]
    with torch.no_grad():
        outputs = [
            model(input_ids=torch.tensor([ids])).last_hidden_state for model, ids in ((before, old), (after, new))
        ]
    assert torch.equal(*outputs)


def test_tokenizer_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"type": "BPE"}}), encoding="utf-8")
    with pytest.raises(ModelError, match="Unigram"):
        trim_encoder(tmp_path, tmp_path / "out")
    with pytest.raises(ModelError, match="no readable tokenizer"):
        trim_encoder(tmp_path / "none", tmp_path / "out")


@pytest.mark.parametrize(
    ("tokenizer", "told"),
    [
        ([1], "a Unigram tokenizer is needed"),
        ({"model": {"type": "Unigram"}}, "unk_id is no piece"),
        ({"model": {"type": "Unigram", "vocab": [["<unk>", 0.0]], "unk_id": None}}, "unk_id is no piece"),
        ({"model": {"type": "Unigram", "vocab": [["a", 0.0]], "unk_id": 0}}, "is not <unk>"),
    ],
)
def test_a_broken_tokenizer_is_told_of(tmp_path: Path, tokenizer: object, told: str) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    with pytest.raises(ModelError, match=f"tokenizer.json: .*{told}"):
        trim_encoder(tmp_path, tmp_path / "out")


def test_more_pieces_than_embeddings_are_told_of(tmp_path: Path) -> None:
    write_encoder(tmp_path, PIECES[:10])
    write = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    write["model"]["vocab"] += [[piece, -99.0] for piece in PIECES[10:]]
    (tmp_path / "tokenizer.json").write_text(json.dumps(write), encoding="utf-8")
    with pytest.raises(ModelError, match="more pieces than the encoder has embeddings"):
        trim_encoder(tmp_path, tmp_path / "out")
