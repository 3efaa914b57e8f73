"""How manifests are read and written: JSON beside weights, with the fingerprint of the contract that made them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.checkpoint.fingerprint import check_fingerprint
from schemas.errors import ModelError
from schemas.files import write_whole


def write_manifest(path: Path, fingerprint: str, fields: Mapping[str, Any]) -> None:
    """Write `fingerprint` and `fields` to `path`, which appears whole or not at all."""
    manifest = {"fingerprint": fingerprint, **fields}
    write_whole(path, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def read_manifest(path: Path, kind: str, fingerprint: str) -> dict[str, Any]:
    """The fields of the manifest at `path`, without its fingerprint; `kind` says in messages what it is of.

    Raises ModelError when it is missing or is not a JSON object with a fingerprint, FingerprintError when it was
    written under another contract than that of `fingerprint`.
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise unreadable(path, kind, error.strerror or type(error).__name__) from None
    except ValueError:
        raise unreadable(path, kind, "not JSON") from None
    if not isinstance(fields, dict) or "fingerprint" not in fields:
        raise unreadable(path, kind, "not an object with a fingerprint")
    check_fingerprint(fields.pop("fingerprint"), fingerprint, str(path.parent))
    return fields


def unreadable(path: Path, kind: str, reason: str) -> ModelError:
    """The error for a manifest that cannot be used."""
    return ModelError(f"{path}: no readable {kind} manifest ({reason})")
