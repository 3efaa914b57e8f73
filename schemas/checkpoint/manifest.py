"""The manifest of a tagger's folder (`tagger.json`): which contract it was made under, and how it cuts a text."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from schemas.checkpoint.fingerprint import check_fingerprint, tagger_fingerprint
from schemas.errors import ModelError

MANIFEST = "tagger.json"


@dataclass(frozen=True, slots=True)
class WindowConfig:
    """How a text is cut for the encoder: window size and overlap in tokens, and the three special token ids."""

    size: int
    overlap: int
    bos: int
    eos: int
    pad: int


def write_manifest(folder: Path, shape: WindowConfig, recipe: dict[str, Any]) -> None:
    """Write the manifest of a tagger that was made under this contract; `recipe` is kept for people to read."""
    manifest = {"fingerprint": tagger_fingerprint(), "shape": asdict(shape), "recipe": recipe}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def read_window_config(folder: Path) -> WindowConfig:
    """Return the shape that the manifest in `folder` states.

    Raises ModelError for a missing or malformed manifest, FingerprintError for a model of another contract.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        fingerprint, shape = manifest["fingerprint"], WindowConfig(**manifest["shape"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: no readable tagger manifest ({type(error).__name__})") from None
    check_fingerprint(fingerprint, tagger_fingerprint(), str(folder))
    return shape
