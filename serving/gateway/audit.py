"""A line of JSON for every request, without any value; each line holds a digest of the one before."""

import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.errors import DataError, PiiSftError

_CHAIN, _FIRST = "chain", "0" * 64
_TAIL = 1 << 16
"""Bytes of a line at most."""
_MODEL = re.compile(r"[A-Za-z][A-Za-z0-9._:/-]{0,79}")


class AuditError(PiiSftError):
    """A line that cannot be written."""


class Audit:
    """Appends lines to a file, which several processes may share; a file of `size` bytes is put aside by its number."""

    def __init__(self, path: Path, size: int = 64_000_000) -> None:
        """Open or make the file. Raises AuditError where that cannot be done."""
        self._path, self._size = path, size
        self.write({"event": "start", "process": os.getpid()})

    def write(self, fields: Mapping[str, Any]) -> None:
        """Append a line of `fields`, with the time and the chain. Raises AuditError, so that nothing goes unseen."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        try:
            with self._path.with_name(f"{self._path.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                line = {"time": moment, **fields, "previous": _last_chain(self._path)}
                written = _dumped(line | {_CHAIN: _chain(line)})
                if self._path.exists() and self._path.stat().st_size + len(written) > self._size:
                    self._path.rename(_aside(self._path))
                self._append(written)
        except (OSError, DataError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise AuditError(f"{self._path}: the audit cannot be written: {reason}") from None

    def _append(self, line: str) -> None:
        """Append a line whole or not at all."""
        with self._path.open("ab", buffering=0) as file:  # a buffer would be written after all when it closes
            end, left = file.tell(), line.encode()
            try:
                while left:
                    left = left[file.write(left) :]
            except OSError:
                os.truncate(self._path, end)
                raise


def shown_model(name: Any) -> str:
    """The name of a model as the audit has it: a request could write anything there."""
    return name if isinstance(name, str) and _MODEL.fullmatch(name) else "other"


def verify_audit(path: Path) -> int:
    """Check the lines of all files of an audit, from the oldest on; returns how many there are.

    Raises DataError, which names file and line, where a line was changed, left out or cut off.
    """
    files = [*_set_aside(path), path]
    previous, number = _FIRST, 0
    for file in files:
        for place, line in enumerate(_lines(file), start=1):
            try:
                fields = json.loads(line)
                chain = fields.pop(_CHAIN)
                sound = line == _dumped(fields | {_CHAIN: chain}).rstrip("\n") and chain == _chain(fields)
                before = fields["previous"]
            except (ValueError, KeyError, AttributeError, TypeError):
                raise DataError(f"{file}:{place}: not a line of an audit") from None
            if not sound:
                raise DataError(f"{file}:{place}: the line was changed")
            if before != previous:
                raise DataError(f"{file}:{place}: a line before this one was changed or is missing")
            previous, number = chain, number + 1
    if not number:
        raise DataError(f"{path}: contains no line; a gateway writes one when it starts")
    return number


def _lines(file: Path) -> Iterator[str]:
    try:
        content = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read ({type(error).__name__})") from None
    if content and not content.endswith("\n"):
        raise DataError(f"{file}: its last line is cut off")
    yield from content.removesuffix("\n").split("\n") if content else ()


def _set_aside(path: Path) -> list[Path]:
    """The full files, the oldest first."""
    numbered = [file for file in path.parent.glob(f"{path.name}.*") if file.suffix[1:].isdecimal()]
    return sorted(numbered, key=lambda file: int(file.suffix[1:]))


def _aside(path: Path) -> Path:
    last = int(full[-1].suffix[1:]) if (full := _set_aside(path)) else 0
    return path.with_name(f"{path.name}.{last + 1}")


def _last_chain(path: Path) -> str:
    """The chain of the last line of an audit; of a new one, zeros."""
    if not path.exists() or not path.stat().st_size:
        full = _set_aside(path)
        return _last_chain(full[-1]) if full else _FIRST
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _TAIL, 0))
        last = file.read().splitlines()[-1]
    try:
        return str(json.loads(last)[_CHAIN])
    except (ValueError, KeyError, TypeError):
        raise DataError("its last line is not one of an audit") from None


def _chain(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(_dumped(fields).encode()).hexdigest()


def _dumped(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
