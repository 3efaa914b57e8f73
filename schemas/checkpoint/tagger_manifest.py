"""The manifest of a tagger's folder (`tagger.json`): which contract it was made under, and how it cuts a text."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from schemas.checkpoint.fingerprint import tagger_fingerprint
from schemas.checkpoint.manifest import read_manifest, unreadable, write_manifest

TAGGER_MANIFEST = "tagger.json"
MODEL_FILE, REST_FILE = "model.onnx", "rest.onnx"
"""The graph in a tagger's folder, and what follows its early head where it has one."""
EXPORT = "export"
"""The key in a graph's metadata of the digest of both as they were before they were parted."""


@dataclass(frozen=True, slots=True)
class WindowConfig:
    """How a text is cut for the encoder: window size and overlap in tokens, and the three special token ids."""

    size: int
    overlap: int
    bos: int
    eos: int
    pad: int


@dataclass(frozen=True, slots=True)
class TaggerManifest:
    """How a tagger cuts a text, the digest of its lexicon, and the recipe of its training, for people to read."""

    window: WindowConfig
    lexicon: str
    recipe: dict[str, Any]

    def write(self, folder: Path) -> None:
        """Write `tagger.json` to `folder`, with the fingerprint of this contract; it appears whole or not at all."""
        manifest = {"shape": asdict(self.window), "lexicon": self.lexicon, "recipe": self.recipe}
        write_manifest(folder / TAGGER_MANIFEST, tagger_fingerprint(), manifest)

    @classmethod
    def read(cls, folder: Path) -> TaggerManifest:
        """Read `tagger.json` in `folder`.

        Raises ModelError when it is missing or malformed, FingerprintError for a tagger of another contract.
        """
        path = folder / TAGGER_MANIFEST
        manifest = read_manifest(path, "tagger", tagger_fingerprint())
        window, names = manifest.get("shape"), [field.name for field in fields(WindowConfig)]
        if not isinstance(window, dict) or sorted(window) != sorted(names):
            raise unreadable(path, "tagger", f"shape needs {', '.join(names)}")
        if not all(type(number) is int and number >= 0 for number in window.values()):
            raise unreadable(path, "tagger", "shape holds something else than whole numbers")
        return cls(WindowConfig(**window), str(manifest.get("lexicon")), manifest.get("recipe", {}))
