"""The folder of a scan's parts: what each part wrote, and the receipt that says it is finished."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.files import replacing, write_whole
from serving.scan.parts import Part
from serving.scan.results.tally import Tally

FINDINGS, QUARANTINE, COPY = OUTPUTS = ("findings", "quarantine", "copy")
"""What a part writes: rows of findings in Parquet, lines of quarantine in JSON, and a redacted copy."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of a finished part; `fault` says why it could not be read, and nothing else of it counts then."""

    tally: Tally = field(default_factory=Tally)
    fault: str = ""


@dataclass(frozen=True, slots=True)
class PartStore:
    """The outputs of parts in `folder`; receipts of another `digest` of settings, or for other keys, do not count."""

    folder: Path
    digest: str

    def path(self, part: Part, output: str) -> Path:
        """Where a part writes `output`."""
        return self.folder / f"{part.key}.{output}"

    def receipt(self, part: Part) -> Receipt | None:
        """The receipt of a finished part; None when it has none, or its outputs are not what the receipt says."""
        try:
            row = json.loads(self.path(part, "json").read_text(encoding="utf-8"))
            if row["part"] == self._part(part) and row["outputs"] == self._digests(part):
                return Receipt(Tally.of(row["tally"]), row["fault"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
        return None

    def finish(self, part: Part, receipt: Receipt) -> Receipt:
        """Write the receipt, after which the part is finished, and return it."""
        row: dict[str, Any] = {
            "part": self._part(part),
            "outputs": self._digests(part),
            "tally": receipt.tally.to_dict(),
            "fault": receipt.fault,
        }
        write_whole(self.path(part, "json"), json.dumps(row, ensure_ascii=False))
        return receipt

    @contextmanager
    def writing(self, part: Part, outputs: Iterable[str]) -> Iterator[dict[str, Path]]:
        """Temporary files of `outputs` by name, which take their places at the end; on an error they are removed."""
        with ExitStack() as stack:
            yield {output: stack.enter_context(replacing(self.path(part, output))) for output in outputs}

    def _part(self, part: Part) -> str:
        """A digest of the settings and of the keys, which are others when rows were added to a database's table."""
        return hashlib.sha256(f"{self.digest} {part.key_range}".encode()).hexdigest()

    def _digests(self, part: Part) -> dict[str, str]:
        """The digests of the outputs that there are."""
        paths = {output: self.path(part, output) for output in OUTPUTS}
        return {output: _digest(path) for output, path in paths.items() if path.exists()}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
