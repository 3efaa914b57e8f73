"""A tiny random Qwen2 with its tokenizer, made in a second: the base of the smoke recipe and of tests.

Recipes and commands name it `schemas.checkpoint.base.TINY`; every process makes the same one.
"""

import tempfile
from functools import cache
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from schemas.llm.prompt import IM_END, IM_START, instruction
from schemas.taxonomy import ALL_TYPES

_PAD = "<|endoftext|>"
_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


@cache
def tiny_base() -> Path:
    """A folder with the tiny base, which lives as long as the process."""
    folder = tempfile.TemporaryDirectory(prefix="pii-sft-")
    _FOLDERS.append(folder)
    write_tiny_base(Path(folder.name))
    return Path(folder.name)


def write_tiny_base(folder: Path, vocabulary: int = 1200, hidden: int = 64) -> None:
    """Write config, weights (float32, the same every time) and tokenizer of a tiny Qwen2 to `folder`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()  # as Qwen2's
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[_PAD, IM_START, IM_END],
        show_progress=False,
    )
    tokenizer.train_from_iterator([instruction(ALL_TYPES), "system\nuser\nassistant\n"] * 2, trainer)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=IM_END, pad_token=_PAD).save_pretrained(folder)
    config = Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        initializer_range=0.1,
        tie_word_embeddings=False,
        eos_token_id=tokenizer.token_to_id(IM_END),
        pad_token_id=tokenizer.token_to_id(_PAD),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Qwen2ForCausalLM(config)
    model.save_pretrained(folder)
