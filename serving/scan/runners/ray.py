"""Workers on Ray: actors of this machine, or of the cluster that RAY_ADDRESS names.

Every machine must see the sources and the folder of results by the same paths.
https://docs.ray.io/en/latest/data/api/doc/ray.data.Dataset.map_batches.html
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from schemas.errors import DataError, PiiSftError
from serving.scan.parts import Part
from serving.scan.receipts import Receipt
from serving.scan.scan_part import Work

_MOST_BLOCKS = 10_000
"""Blocks of parts that Ray counts; Ray does the parts of a block again when their actor dies."""


@dataclass(frozen=True, slots=True)
class OnRay:
    """A `Runner` with `count` actors of one CPU and `gpus` GPUs each."""

    count: int
    gpus: float = 0.0

    def run(self, parts: Sequence[Part], work: Work) -> Iterator[tuple[Part, Receipt]]:
        """As `Runner` has it; Ray starts dead actors again."""
        ray = _started(self.count)
        if not parts:
            return
        rows = [{"index": index, "part": part.to_json()} for index, part in enumerate(parts)]
        scanned = ray.data.from_items(rows, override_num_blocks=min(len(rows), _MOST_BLOCKS)).map_batches(
            _Actor,
            batch_size=1,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(size=self.count),
            num_cpus=1,
            num_gpus=self.gpus,
            fn_constructor_kwargs={"work": work},
        )
        for row in scanned.iter_rows():
            if row["error"]:
                raise DataError(row["error"])
            part = parts[row["index"]]
            receipt = work.store.receipt(part)
            if receipt is None:
                raise DataError(f"{work.store.folder}: is not the same folder for all workers; use a shared one")
            yield part, receipt


class _Actor:
    """Does parts, and answers with what went wrong."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __call__(self, batch: Any) -> Any:
        import pyarrow

        errors = [self._error(part) for part in batch.column("part").to_pylist()]
        return pyarrow.table({"index": batch.column("index"), "error": errors})

    def _error(self, part: str) -> str:
        try:
            self._work(Part.of_json(part))
        except PiiSftError as error:
            return str(error)
        except OSError as error:
            return f"{error.filename}: {error.strerror}"
        return ""


def _started(workers: int) -> Any:
    """The package ray, connected: to a cluster, or to one of its own on this machine, which reports no usage."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray: Any = import_module("ray")
    import_module("ray.data")
    if not ray.is_initialized():
        own = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": max(workers, os.cpu_count() or 1)}
        ray.init(logging_level=logging.ERROR, log_to_driver=False, include_dashboard=False, **own)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    return ray
