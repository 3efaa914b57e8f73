"""The manifest beside an LLM adapter (`pii-sft.json`): the contract that it was made under, and how it was made."""

import json
from pathlib import Path
from typing import Any

from schemas.checkpoint.fingerprint import check_fingerprint, llm_fingerprint
from schemas.errors import ModelError
from schemas.files import write_whole

ADAPTER_MANIFEST = "pii-sft.json"


def write_adapter_manifest(folder: Path, details: dict[str, Any]) -> None:
    """Write the manifest of a model that was made under this contract; `details` are kept for people to read."""
    manifest = {"fingerprint": llm_fingerprint(), **details}
    write_whole(folder / ADAPTER_MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def read_adapter_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of the adapter in `folder`.

    Raises ModelError for a missing or malformed manifest, FingerprintError for an adapter of another contract.
    """
    path = folder / ADAPTER_MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        fingerprint = manifest["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: no readable adapter manifest ({type(error).__name__})") from None
    check_fingerprint(fingerprint, llm_fingerprint(), str(folder))
    return manifest
