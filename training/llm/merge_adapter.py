"""An adapter merged into its base: one model folder that needs neither peft nor pii-sft to load."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from schemas.checkpoint.adapter import AdapterManifest, load_with_adapter
from schemas.checkpoint.base import Base, open_base
from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.errors import ModelError
from schemas.files import replacing_folder
from schemas.llm.prompt import question
from schemas.taxonomy import DEFAULT_TYPES

_PROBES = tuple(f"{kind.info.zh}：{kind.info.example}" for kind in DEFAULT_TYPES[:12])
"""Texts about which the merged model must write what the unmerged one writes."""
_TOKENS = 32


def merge_adapter(adapter: Path, out: Path, base: str | None = None) -> Path:
    """Merge the adapter in folder `adapter` into its base (or the base at `base`) and write the model to `out`.

    The sum is formed and checked in float32: the merged model must write the same greedy answers as the unmerged one.
    It is stored in the type in which the adapter was trained, which may round an answer differently. Returns `out`,
    which appears whole or not at all. Raises ModelError when `out` exists, a folder cannot be used or an answer
    changes, FingerprintError for an adapter of another contract.
    """
    if out.exists():
        raise ModelError(f"{out}: exists; choose another folder")
    manifest = AdapterManifest.read(adapter)
    if not manifest.adapter:
        raise ModelError(f"{adapter}: is a whole model, not an adapter; there is nothing to merge")
    opened = open_base(Base(base) if base else manifest.base).with_dtype("float32")
    model: Any = load_with_adapter(opened, adapter)
    before = greedy_answers(model, opened.chat)
    model = model.merge_and_unload()
    differing = sum(left != right for left, right in zip(before, greedy_answers(model, opened.chat), strict=True))
    if differing:
        raise ModelError(f"{adapter}: {differing} of {len(before)} greedy answers change when it is merged")
    with replacing_folder(out) as partial:
        model.to(getattr(torch, manifest.base.dtype)).save_pretrained(partial)
        opened.save_tokenizer(partial)
        replace(manifest, adapter=False).write(partial)
    return out


@torch.inference_mode()
def greedy_answers(model: Any, chat: ChatTokenizer) -> list[list[int]]:
    """The first tokens that `model` writes about each text of `_PROBES`, without a grammar."""
    answers = []
    for text in _PROBES:
        ids = torch.tensor([chat.prompt(question(text, DEFAULT_TYPES))], device=model.device)
        written = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=_TOKENS,
            do_sample=False,
            use_cache=True,
            eos_token_id=chat.end,
            pad_token_id=chat.end,
        )
        answers.append(written[0, ids.shape[1] :].tolist())
    return answers
