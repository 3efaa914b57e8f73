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
from pathlib import Path
from typing import Any

from schemas.errors import DataError, PiiSftError
from serving.scan.parts import Part
from serving.scan.receipts import PartStore, Receipt
from serving.scan.runners.runner import TRIES, give_up
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
        for part in parts:
            _tries(work.store, part).unlink(missing_ok=True)  # of a run that was ended
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
        for row in _rows(scanned):
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

    def _error(self, text: str) -> str:
        part = Part.of_json(text)
        try:
            if self._work.store.receipt(part) is None and self._has_killed(part):
                give_up(part, self._work)
            self._work(part)
        except (PiiSftError, ImportError) as error:
            return str(error)
        except OSError as error:
            return (
                f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or type(error).__name__)
            )
        return ""

    def _has_killed(self, part: Part) -> bool:
        """Whether enough actors died on `part`, which Ray would do again for ever; counts this one."""
        with _tries(self._work.store, part).open("ab") as tries:
            tries.write(b".")
            return tries.tell() > TRIES


def _tries(store: PartStore, part: Part) -> Path:
    """A file with a byte for each actor that began `part`."""
    return store.path(part, "tries")


def _rows(scanned: Any) -> Iterator[dict[str, Any]]:
    """The rows of a dataset. Raises DataError where Ray fails, without what was raised, which may quote a text."""
    from ray.exceptions import RayError

    try:
        yield from scanned.iter_rows()
    except RayError as error:
        raise DataError(f"Ray: {type(error).__name__}; the same command goes on") from None


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
