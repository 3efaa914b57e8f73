"""Digests that tell models apart: predictions of one are not taken for those of another."""

import hashlib
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import schemas

_SMALL = 1 << 28
"""Bytes of a file whose content is digested; of bigger ones size and time are."""
RULE_CODE = ("serving/engines/rules", "schemas/spans/overlap.py")
TAGGER_CODE = (
    *RULE_CODE,
    "serving/engines/hybrid.py",
    "serving/engines/tagger/engine.py",
    "serving/engines/tagger/viterbi.py",
)
LLM_CODE = ("serving/engines/llm", "pii_sft/llm.py")


def identity(code: Sequence[str], *places: Path) -> str:
    """A digest of the modules and packages `code`, of the contract, and of the files at `places`, as 16 digits."""
    digest = hashlib.sha256()
    root = Path(schemas.__path__[0]).parent
    for place in (root / name for name in ("schemas", *code)):
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(file.read_bytes())
    for file in _files(places):
        status = file.stat()
        small = status.st_size <= _SMALL
        content = file.read_bytes() if small else f"{status.st_size} {status.st_mtime_ns}".encode()
        digest.update(f"{file.name}\n".encode() + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def _files(places: Iterable[Path]) -> list[Path]:
    found = [sorted(place.iterdir()) if place.is_dir() else [place] for place in places]
    return [file for files in found for file in files if file.is_file()]


def tool_identity(module: str, *packages: str) -> str:
    """A digest of the module of `eval.baselines` that asks another tool, and the versions of its packages."""
    own = identity((f"eval/baselines/{module}.py", "eval/baselines/spans.py"))
    return ", ".join([own, *(f"{package} {version(package)}" for package in packages)])
