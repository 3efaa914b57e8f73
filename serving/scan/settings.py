"""What is asked of a scan."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

ScanOperator = Literal["label", "mask", "hash", "surrogate", "pseudonym"]
SCAN_OPERATORS: tuple[ScanOperator, ...] = get_args(ScanOperator)
"""Operators of redacted copies, in which a row never depends on another row."""
KEYED: tuple[ScanOperator, ...] = ("hash", "surrogate")
"""Those that need a key."""
_PART = 1 << 20
"""Few enough that a worker that dies loses little, also with an engine that takes milliseconds a row."""


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """What is read, looked for and written.

    `tables` are those of databases that are read; none stands for all. `columns` are the names of the columns that are
    read; none stands for all that hold texts. `search` says by names of
    options what `Find` looks for, since its results depend on it. `operator` makes redacted copies, `key` is for those
    of `KEYED`. `values` says whether findings hold what was found. `sample` is the most rows of a file that are
    searched, spread over it; 0 stands for all. A part of a text file has about `part_bytes` bytes.
    """

    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    search: Mapping[str, str] = field(default_factory=dict)
    operator: ScanOperator | None = None
    key: bytes = field(default=b"", repr=False)
    values: bool = False
    sample: int = 0
    part_bytes: int = _PART

    @property
    def described(self) -> dict[str, str]:
        """The settings by names of options, without a secret: what two runs must have in common to be one scan."""
        key = hmac.new(self.key, b"pii-sft scan", hashlib.sha256).hexdigest()[:16] if self.operator in KEYED else ""
        own = {
            "table": ", ".join(self.tables),
            "column": ", ".join(self.columns),
            "redact": self.operator or "",
            "key": key,
            "values": str(self.values),
            "sample": str(self.sample),
            "part": str(self.part_bytes),
        }
        return {**own, **self.search}

    @property
    def digest(self) -> str:
        """A digest of `described`."""
        return hashlib.sha256(json.dumps(self.described, sort_keys=True).encode()).hexdigest()
