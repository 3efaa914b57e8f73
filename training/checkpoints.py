"""The folder of a run: which run it holds, and its checkpoints, which transformers' Trainer wrote."""

import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from schemas.errors import ModelError
from schemas.files import write_whole

_WEIGHTS = (".safetensors", ".gguf", ".npz")
_END = 1 << 24
"""Bytes of a file that are read from its beginning, and from its end."""
RUN = "run.json"
"""Says which run a folder holds."""


def claim(out: Path, description: dict[str, Any]) -> None:
    """Note in `out` which run it holds. Raises ModelError when it holds another one."""
    out.mkdir(parents=True, exist_ok=True)
    if not holds(out, description):
        write_whole(out / RUN, json.dumps(description, indent=2, ensure_ascii=False) + "\n")
        holds(out, description)  # several processes of one run may come here at once


def holds(out: Path, description: dict[str, Any]) -> bool:
    """Whether `out` holds this run. Raises ModelError, which names what differs, when it holds another one."""
    path = out / RUN
    if not path.exists():
        return False
    try:
        there = _flat(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: not a readable description of a run: {error}") from error
    here = _flat(json.loads(json.dumps(description)))
    for name in sorted(there.keys() | here.keys()):
        if there.get(name) != here.get(name):
            was, now = (json.dumps(values.get(name), ensure_ascii=False) for values in (there, here))
            raise ModelError(f"{out}: holds another run, whose {name} is {was}, not {now}; choose another folder")
    return True


def _flat(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Nested values by dotted names, as a recipe's overrides write them."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        nested = isinstance(value, dict) and value
        flat.update(_flat(value, f"{before}{name}.") if nested else {f"{before}{name}": value})
    return flat


def weights_digest(folder: Path) -> str:
    """What tells the model in `folder` from others: its files of weights and words, of large ones both ends."""
    digest = hashlib.sha256()
    for path in sorted(file for file in folder.glob("*") if file.suffix in _WEIGHTS):
        size = path.stat().st_size
        digest.update(f"{path.name} {size}\n".encode())
        with path.open("rb") as file:
            digest.update(file.read(_END))
            file.seek(max(size - _END, 0))
            digest.update(file.read(_END))
    return digest.hexdigest()[:16]


def last_checkpoint(folder: Path) -> str | None:
    """The newest checkpoint in `folder` that was written to its end, or None.

    The trainer's state is the last file of a checkpoint, and older checkpoints go only after it, so that a killed run
    always leaves a whole one.
    """
    whole = [
        path.parent
        for path in folder.glob("checkpoint-*/trainer_state.json")
        if _is_json(path) and all(map(_opens, path.parent.glob("*.safetensors")))
    ]
    return str(max(whole, key=lambda path: int(path.name.removeprefix("checkpoint-")), default="")) or None


def _opens(weights: Path) -> bool:
    try:
        with safe_open(weights, "pt"):
            return True
    except SafetensorError:
        return False


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True
