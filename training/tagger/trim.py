"""Cuts the vocabulary of a multilingual encoder down to what Chinese and English text needs."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModel

from schemas.errors import ModelError
from schemas.files import replacing_folder

LATIN_PIECES = 8_000


def keeps(piece: str) -> bool:
    """Whether `piece` is a single symbol: a CJK character, Latin letter, digit, punctuation mark or the space mark."""
    return len(piece) == 1 and (_is_cjk(piece) or _is_latin(piece) or not piece.isalpha())


def select_pieces(vocabulary: list[tuple[str, float]], latin: int = LATIN_PIECES) -> list[int]:
    """Indices of the pieces to keep, ascending: specials, single symbols, and the `latin` likeliest Latin pieces.

    `vocabulary` is a Unigram vocabulary of (piece, log-probability). Pieces that mix letters with anything else
    are left out, since the tagger's tokens never do (`schemas.text.tokenize.STANDALONE`).
    """
    specials = {"<s>", "<pad>", "</s>", "<unk>"}
    words = [index for index, (piece, _) in enumerate(vocabulary) if _is_latin(piece.removeprefix("▁"))]
    words.sort(key=lambda index: -vocabulary[index][1])
    singles = [index for index, (piece, _) in enumerate(vocabulary) if piece in specials or keeps(piece)]
    return sorted({*singles, *words[:latin]})


def trim_encoder(base: Path, out: Path, latin: int = LATIN_PIECES) -> int:
    """Write the encoder of `base` (such as intfloat/multilingual-e5-small, as a local folder) with a cut vocabulary.

    Returns the number of pieces kept. Raises ModelError when `base` has no Unigram `tokenizer.json` or no weights.
    """
    tokenizer = _read_tokenizer(base / "tokenizer.json")
    vocabulary = [(piece, score) for piece, score in tokenizer["model"]["vocab"]]
    kept = select_pieces(vocabulary, latin)
    tokenizer["model"]["vocab"] = [vocabulary[index] for index in kept]
    position = {old: new for new, old in enumerate(kept)}
    tokenizer["model"]["unk_id"] = position[tokenizer["model"]["unk_id"]]
    tokenizer["added_tokens"] = [
        {**token, "id": position[token["id"]]} for token in tokenizer["added_tokens"] if token["id"] in position
    ]
    tokenizer["normalizer"] = tokenizer["post_processor"] = None  # text is folded before it is tokenised
    with replacing_folder(out) as partial:
        _trim_weights(base, partial, kept, position)
        (partial / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    return len(kept)


def _trim_weights(base: Path, out: Path, kept: list[int], position: dict[int, int]) -> None:
    try:
        model = AutoModel.from_pretrained(base, dtype=torch.float32, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelError(f"{base}: not a loadable encoder: {error}") from error
    if kept[-1] >= model.get_input_embeddings().num_embeddings:
        raise ModelError(f"{base}: tokenizer.json has more pieces than the encoder has embeddings")
    rows = model.get_input_embeddings().weight.data[kept].clone()
    model.resize_token_embeddings(len(kept))
    model.get_input_embeddings().weight.data.copy_(rows)
    model.config.pad_token_id = position.get(model.config.pad_token_id)
    model.save_pretrained(out)


def _read_tokenizer(path: Path) -> dict[str, Any]:
    try:
        tokenizer: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: no readable tokenizer: {error}") from error
    model = tokenizer.get("model") if isinstance(tokenizer, dict) else None
    if not isinstance(model, dict) or model.get("type") != "Unigram":
        raise ModelError(f"{path}: a Unigram tokenizer is needed")
    vocabulary, unknown = model.get("vocab"), model.get("unk_id")
    if not isinstance(vocabulary, list) or not isinstance(unknown, int) or not 0 <= unknown < len(vocabulary):
        raise ModelError(f"{path}: model.unk_id is no piece of model.vocab")
    if vocabulary[unknown][0] != "<unk>":
        raise ModelError(f"{path}: the piece of model.unk_id is not <unk>")
    return tokenizer


def _is_cjk(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or char >= "\U00020000"


def _is_latin(piece: str) -> bool:
    return bool(piece) and all(char.isalpha() and char < "\u0250" for char in piece)
