"""A trained LLM as a folder: its manifest (`pii-sft.json`), and its LoRA adapter, which peft opens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from schemas.checkpoint.base import Base, Dtype, OpenedBase, absolute, load_weights, loading
from schemas.checkpoint.fingerprint import llm_fingerprint
from schemas.checkpoint.manifest import read_manifest, unreadable, write_manifest
from schemas.errors import ModelError

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel

ADAPTER_MANIFEST = "pii-sft.json"
_PEFT_CONFIG = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class AdapterManifest:
    """What an LLM was trained from and how.

    `base` names the base and the type of its weights in training. `adapter` says whether the folder holds a LoRA
    adapter or, where it is false, a whole model. `details` are figures and versions, kept for people to read.
    """

    base: Base
    adapter: bool
    details: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write `pii-sft.json` to `folder`, with the fingerprint of this contract; it appears whole or not at all."""
        base = {"model": absolute(self.base.model), "revision": self.base.revision}
        manifest = {"base": base, "dtype": self.base.dtype, "adapter": self.adapter, **self.details}
        write_manifest(folder / ADAPTER_MANIFEST, llm_fingerprint(), manifest)

    @classmethod
    def read(cls, folder: Path) -> AdapterManifest:
        """Read `pii-sft.json` in `folder`; without one, what peft wrote of the base of an adapter.

        Nothing is known then of what the adapter learnt, which a warning tells. Raises ModelError when there is
        neither or it is malformed, FingerprintError for a model of another contract.
        """
        path = folder / ADAPTER_MANIFEST
        if not path.exists() and (folder / _PEFT_CONFIG).is_file():
            return cls(_foreign_base(folder / _PEFT_CONFIG), adapter=True)
        manifest = read_manifest(path, "adapter", llm_fingerprint())
        base, dtype, adapter = (manifest.pop(name, None) for name in ("base", "dtype", "adapter"))
        if not isinstance(base, dict) or not isinstance(base.get("model"), str):
            raise unreadable(path, "adapter", "base names no model")
        if dtype not in get_args(Dtype):
            raise unreadable(path, "adapter", f"dtype is not one of {', '.join(get_args(Dtype))}")
        if not isinstance(adapter, bool):
            raise unreadable(path, "adapter", "adapter is not true or false")
        return cls(Base(base["model"], base.get("revision"), dtype), adapter, manifest)


def _foreign_base(path: Path) -> Base:
    """The base of an adapter that another trainer wrote, from peft's configuration. Raises ModelError."""
    import logging

    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        model, revision = config["base_model_name_or_path"], config.get("revision")
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise ModelError(f"{path}: names no base") from None
    if not isinstance(model, str) or not isinstance(revision, str | None):
        raise ModelError(f"{path}: names no base")
    logging.getLogger(__name__).warning(
        "%s: no %s: another trainer made this adapter; it answers only if it learnt the chats of our datasets",
        path.parent,
        ADAPTER_MANIFEST,
    )
    return Base(model, revision)


def load_with_adapter(opened: OpenedBase, folder: Path | None) -> Any:
    """The weights of a base, with the LoRA adapter in `folder` where there is one, to answer with.

    Raises ModelError when either cannot be loaded.
    """
    model = load_weights(opened)
    return (model if folder is None else open_adapter(model, folder)).eval()


def open_adapter(model: PreTrainedModel, folder: Path, name: str = "default") -> PeftModel:
    """Put the trained LoRA adapter in `folder` on `model`, under a name.

    Raises ModelError when it is incomplete or does not fit; `model` is then as it was.
    """
    from peft import PeftConfig, get_peft_model

    with _adapter_files(folder):
        config = PeftConfig.from_pretrained(str(folder))
        config.inference_mode, config.base_model_name_or_path = True, None  # peft would warn of a base that has moved
        adapted: PeftModel = get_peft_model(model, config, adapter_name=name)
        try:
            _check(adapted.load_adapter(str(folder), adapter_name=name))
        except Exception:
            adapted.unload()
            raise
    return adapted


def open_adapter_beside(model: PeftModel, folder: Path, name: str) -> None:
    """Put one more trained LoRA adapter on `model`, which answers with the one it has until another is set.

    Raises as `open_adapter` does.
    """
    with _adapter_files(folder):
        try:
            _check(model.load_adapter(str(folder), adapter_name=name))
        except Exception:
            if name in model.peft_config:
                model.delete_adapter(name)
            raise
    model.eval()


def _check(loaded: Any) -> None:
    """Raise ValueError where peft found tensors missing, or some that no layer takes: it would go on without them."""
    if strangers := [*loaded.missing_keys, *loaded.unexpected_keys]:
        raise ValueError(f"{len(strangers)} tensors are missing or fit no layer, such as {strangers[0]}")


@contextmanager
def _adapter_files(folder: Path) -> Iterator[None]:
    """Raise ModelError where a file of the adapter in `folder` is missing, or peft finds that it does not fit."""
    for file in (_PEFT_CONFIG, "adapter_model.safetensors"):
        if not (folder / file).is_file():
            raise ModelError(f"{folder / file}: no such file")
    with loading(f"{folder}: the adapter does not fit this base"):
        yield
