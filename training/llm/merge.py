"""An adapter merged into its base: one model folder that needs neither peft nor pii-sft to load."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from schemas.checkpoint.adapter import read_adapter_manifest, write_adapter_manifest
from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.errors import ModelError
from schemas.llm.prompt import question
from schemas.taxonomy import DEFAULT_TYPES
from training.llm.base import load_model, open_adapter, open_base
from training.llm.recipe import Base

_PROBES = tuple(f"{kind.info.zh}：{kind.info.example}" for kind in DEFAULT_TYPES[:12])
"""Texts about which the merged model must write what the unmerged one writes."""
_TOKENS = 32


def merge(adapter: Path, out: Path, base: str | None = None) -> Path:
    """Merge the adapter in folder `adapter` into its base (or the base at `base`) and write the model to `out`.

    The sum is formed and checked in float32: the merged model must write the same greedy answers as the unmerged one.
    It is stored in the type in which the adapter was trained, which may round an answer differently. Returns `out`,
    which appears whole or not at all. Raises ModelError when `out` exists, a folder cannot be used or an answer
    changes, FingerprintError for an adapter of another contract.
    """
    if out.exists():
        raise ModelError(f"{out}: exists; choose another folder")
    manifest = read_adapter_manifest(adapter)
    if not manifest["adapter"]:
        raise ModelError(f"{adapter}: is a whole model, not an adapter; there is nothing to merge")
    loaded = open_base(Base(model=base, dtype="float32") if base else _base(manifest))
    model: Any = load_model(loaded, trained_whole=True)
    model = open_adapter(model, adapter).eval()
    before = greedy_answers(model, loaded.chat)
    model = model.merge_and_unload()
    differing = sum(left != right for left, right in zip(before, greedy_answers(model, loaded.chat), strict=True))
    if differing:
        raise ModelError(f"{adapter}: {differing} of {len(before)} greedy answers change when it is merged")
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    model.to(getattr(torch, manifest["dtype"])).save_pretrained(partial)
    loaded.tokenizer.save_pretrained(partial)
    write_adapter_manifest(partial, {**manifest, "adapter": False})
    partial.replace(out)
    return out


def _base(manifest: dict[str, Any]) -> Base:
    return Base(model=manifest["base"]["model"], revision=manifest["base"]["revision"], dtype="float32")


@torch.inference_mode()
def greedy_answers(model: Any, chat: ChatTokenizer, texts: Sequence[str] = _PROBES) -> list[list[int]]:
    """The first tokens that `model` writes about each text, without a grammar."""
    answers = []
    for text in texts:
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
